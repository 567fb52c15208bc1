package io.flota.agent;

import com.google.common.collect.ImmutableSortedMap;
import io.flota.daemon.HttpListener.Place;
import io.flota.daemon.ListenAddress;
import io.flota.machine.MachineId;
import io.flota.machine.Resources;
import io.flota.registry.Keys;
import io.flota.tls.PemFiles;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/// The agent's settings, checked and complete.
///
/// @param ttl how long the machine counts as alive once its agent is no longer heard
/// @param exec whether operators may run something inside units
/// @param listenMetrics where Prometheus finds metrics; empty: nowhere
/// @param advertise host:port at which schedulers reach this agent; empty: where it listens
/// @param socket where this machine's own programs are served; empty: nowhere
/// @param fleet where fleet's HTTP API is served; empty: nowhere
/// @param docker where it is reached, by units with a `[Container]` section
/// @param environmentFile stands in for `/etc/environment` on this machine
/// @param stopTimeout how long a handover waits for units to stop
record AgentConfig(
        Keys keys,
        MachineId machineId,
        String bootId,
        String hostname,
        String publicIp,
        String privateIp,
        ImmutableSortedMap<String, String> metadata,
        Resources resources,
        Duration ttl,
        ListenAddress listen,
        boolean exec,
        Optional<ListenAddress> listenMetrics,
        Optional<PemFiles> tls,
        Optional<ListenAddress> advertise,
        Path stateDir,
        Optional<Path> socket,
        List<Place> fleet,
        RuntimeKind runtime,
        URI docker,
        Optional<Path> environmentFile,
        OnStop onStop,
        Duration stopTimeout) {

    /// The same, but for what can change in an agent that works: that is the other's.
    /// Where the other knows no address, as while the route is away, the known one stays.
    AgentConfig adopting(AgentConfig other) {
        return new AgentConfig(
                keys, machineId, bootId, hostname, other.publicIp.isEmpty() ? publicIp : other.publicIp, privateIp, other.metadata, other.resources, ttl, listen,
                exec, listenMetrics, tls, advertise, stateDir, socket, fleet, runtime, docker, environmentFile,
                other.onStop, other.stopTimeout);
    }

    /// What SIGTERM does with the units.
    enum OnStop {
        /// Stop them and leave the cluster at once, so that they are started elsewhere at once.
        HANDOVER,
        /// Leave them running. The machine counts as alive for its TTL; an agent that is back by then goes on as if
        /// nothing had been.
        KEEP
    }
}
