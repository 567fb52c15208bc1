package io.flota.unit;

import com.google.common.collect.ImmutableSortedMap;
import io.flota.machine.MachineId;
import java.time.Instant;

/// Where a unit was given up because it kept failing.
public record Failures(ImmutableSortedMap<MachineId, OnMachine> machines) {
    public static final Failures NONE = new Failures(ImmutableSortedMap.of());

    /// @param count how often the unit was given up there
    /// @param last by the leader's clock
    /// @param placementId the placement under which it failed last: no failure counts twice
    public record OnMachine(int count, Instant last, String placementId) {}
}
