package io.flota.unit;

import com.google.common.collect.ImmutableSortedMap;
import com.google.common.collect.Maps;
import io.flota.machine.MachineId;
import java.time.Instant;
import java.util.TreeMap;
import java.util.function.Predicate;

/// Where a unit was given up because it kept failing.
///
/// @param generation the unit's generation that failed; another one begins without failures
/// @param fileHash the file with which it failed; another one begins without failures, too
public record Failures(long generation, String fileHash, ImmutableSortedMap<MachineId, OnMachine> machines) {
    /// @param count how often the unit was given up there
    /// @param last by the leader's clock
    /// @param placementId the released placement under which it rests there until it is tried again
    public record OnMachine(int count, Instant last, String placementId) {}

    public static Failures none(Unit unit) {
        return new Failures(unit.generation(), unit.fileHash(), ImmutableSortedMap.of());
    }

    /// Whether these are failures of the unit as it is wanted now.
    public boolean areOf(Unit unit) {
        return unit.desired() == DesiredState.LAUNCHED
                && unit.generation() == generation
                && unit.fileHash().equals(fileHash);
    }

    /// On all machines together.
    public int count() {
        return machines.values().stream().mapToInt(OnMachine::count).sum();
    }

    public Failures only(Predicate<MachineId> kept) {
        return new Failures(generation, fileHash, ImmutableSortedMap.copyOfSorted(Maps.filterKeys(machines, kept::test)));
    }

    public Failures with(MachineId machine, OnMachine failed) {
        var all = new TreeMap<>(machines);
        all.put(machine, failed);
        return new Failures(generation, fileHash, ImmutableSortedMap.copyOfSorted(all));
    }
}
