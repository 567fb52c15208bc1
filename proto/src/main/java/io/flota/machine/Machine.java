package io.flota.machine;

import com.google.common.collect.ImmutableSortedMap;
import java.time.Duration;
import java.util.stream.Stream;

/// A machine as its agent describes it.
///
/// @param publicIp empty if it has none
/// @param privateIp empty if it has none
/// @param agentAddress host:port of the agent's gRPC service; empty if it serves none
/// @param bootId changes with each boot
/// @param lease the time to live of the lease that it is registered under; zero if it does not say
public record Machine(
        MachineId id,
        String hostname,
        String publicIp,
        String privateIp,
        ImmutableSortedMap<String, String> metadata,
        Resources resources,
        String agentAddress,
        String bootId,
        String version,
        Duration lease) {
    /// A machine that is not registered yet.
    public Machine(
            MachineId id,
            String hostname,
            String publicIp,
            String privateIp,
            ImmutableSortedMap<String, String> metadata,
            Resources resources,
            String agentAddress,
            String bootId,
            String version) {
        this(
                id, hostname, publicIp, privateIp, metadata, resources, agentAddress, bootId, version, Duration.ZERO);
    }

    /// Where its units are reached from other machines.
    public String address() {
        return Stream.of(privateIp, publicIp).filter(ip -> !ip.isEmpty()).findFirst().orElse(hostname);
    }

    /// The machine as it registers under a lease of this time to live.
    public Machine registeredFor(Duration ttl) {
        return new Machine(
                id, hostname, publicIp, privateIp, metadata, resources, agentAddress, bootId, version, ttl);
    }

    /// The machine as it counts for placements: what operators want of it comes before what its agent tells.
    public Machine under(Policy policy) {
        return new Machine(
                id,
                hostname,
                publicIp,
                privateIp,
                policy.over(metadata),
                resources,
                agentAddress,
                bootId,
                version,
                lease);
    }
}
