package io.flota.scheduler.metrics;

import com.google.common.collect.ImmutableMultiset;
import io.flota.scheduler.cluster.Cluster;
import io.flota.unit.DesiredState;
import io.flota.unit.UnitState;

/// How many there are of what, in one cluster.
///
/// @param lost machines that units are placed on and that are away
/// @param desired units by what is wanted of them; templates are none
/// @param active states that machines report, by systemd's word for the active state
record ViewCounts(
        int live, int lost, ImmutableMultiset<DesiredState> desired, ImmutableMultiset<String> active) {
    static ViewCounts of(Cluster cluster) {
        return new ViewCounts(
                cluster.machines().size(),
                cluster.missed().size(),
                cluster.units().values().stream()
                        .filter(unit -> !unit.name().isTemplate())
                        .map(unit -> unit.unit().desired())
                        .collect(ImmutableMultiset.toImmutableMultiset()),
                cluster.states().values().stream()
                        .flatMap(byMachine -> byMachine.values().stream())
                        .map(UnitState::active)
                        .collect(ImmutableMultiset.toImmutableMultiset()));
    }
}
