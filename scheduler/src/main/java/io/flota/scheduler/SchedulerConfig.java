package io.flota.scheduler;

import io.flota.daemon.ListenAddress;
import io.flota.registry.Keys;
import io.flota.scheduler.leading.Caution;
import io.flota.tls.PemFiles;
import java.time.Duration;
import java.util.Optional;

/// A scheduler's settings, checked and complete.
///
/// @param id tells this scheduler from the others
/// @param leads whether it leads when nobody else does, or only serves
/// @param leaderTtl how long after the leader's last sign of life another one leads
/// @param listen where the lean carrier is served
/// @param listenGrpc where gRPC is served
/// @param listenMetrics where Prometheus finds metrics; empty: nowhere
/// @param advertise host:port at which clients reach the lean carrier; empty: where it listens
/// @param fleet where fleet's HTTP API is served
/// @param caution with machines that are not there
record SchedulerConfig(
        Keys keys,
        String id,
        boolean leads,
        Duration leaderTtl,
        ListenAddress listen,
        ListenAddress listenGrpc,
        Optional<ListenAddress> listenMetrics,
        Optional<ListenAddress> advertise,
        Optional<PemFiles> tls,
        FleetConfig fleet,
        Caution caution) {}
