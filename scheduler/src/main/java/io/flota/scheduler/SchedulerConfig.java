package io.flota.scheduler;

import io.flota.daemon.ListenAddress;
import io.flota.daemon.TlsFiles;
import io.flota.registry.Keys;
import java.time.Duration;
import java.util.Optional;

/// A scheduler's settings, checked and complete.
///
/// @param id tells this scheduler from the others
/// @param leaderTtl how long after the leader's last sign of life another one leads
/// @param listen where the lean carrier is served
/// @param listenGrpc where gRPC is served
/// @param advertise host:port at which clients reach the lean carrier; empty: where it listens
/// @param settle how long machines get to register again after an outage before they count as lost
record SchedulerConfig(
        Keys keys,
        String id,
        Duration leaderTtl,
        ListenAddress listen,
        ListenAddress listenGrpc,
        Optional<ListenAddress> advertise,
        Optional<TlsFiles> tls,
        Duration settle) {
    /// Agents ask for their leases several times a second after an outage, and etcd needs a moment to be itself again.
    static final Duration DEFAULT_SETTLE = Duration.ofSeconds(6);
}
