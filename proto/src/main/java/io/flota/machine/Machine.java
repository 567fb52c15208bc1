package io.flota.machine;

import com.google.common.collect.ImmutableSortedMap;

/// A machine as its agent describes it.
///
/// @param publicIp empty if it has none
/// @param privateIp empty if it has none
/// @param agentAddress host:port of the agent's gRPC service; empty if it serves none
/// @param bootId changes with each boot
public record Machine(
        MachineId id,
        String hostname,
        String publicIp,
        String privateIp,
        ImmutableSortedMap<String, String> metadata,
        Resources resources,
        String agentAddress,
        String bootId,
        String version) {
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
                version);
    }
}
