package io.flota.scheduler.fleet;

import io.flota.machine.MachineId;
import io.flota.registry.Fact.PlacementFact;
import io.flota.scheduler.cluster.Cluster;
import io.flota.scheduler.cluster.RegisteredUnit;
import io.flota.unit.DesiredState;
import io.flota.unit.Placement;
import io.flota.unit.UnitState;
import java.util.Comparator;
import java.util.Map;
import java.util.Optional;

/// What has become of a unit that is not global, in fleet's three words. They are fleet's, but true: a unit is
/// `inactive` or `loaded` once nothing of it runs any more, and `launched` once it is not merely starting, so that
/// whoever waits for them waits for that. In lists, from which fleetctl takes what it may stop, one that starts is
/// `launched` already.
///
/// @param state as one who waits for it is told
/// @param listed as a list tells it
/// @param machine that has it, or is to have it
record CurrentState(DesiredState state, DesiredState listed, Optional<MachineId> machine) {
    static CurrentState of(Cluster cluster, RegisteredUnit unit) {
        var states = cluster.statesOf(unit.name());
        var placement = cluster.placementsOf(unit.name()).values().stream()
                .map(PlacementFact::placement)
                .min(Comparator.comparing(it -> it.target() == DesiredState.INACTIVE));
        if (placement.isPresent()) {
            var machine = placement.get().machine();
            var reported = Optional.ofNullable(states.get(machine));
            var state = reported.map(it -> there(unit, placement.get(), it)).orElse(DesiredState.INACTIVE);
            boolean starts = state == DesiredState.LOADED && placement.get().target() == DesiredState.LAUNCHED;
            return new CurrentState(state, starts ? DesiredState.LAUNCHED : state, Optional.of(machine));
        }
        return states.entrySet().stream()
                .filter(entry -> !entry.getValue().isDown())
                .map(Map.Entry::getKey)
                .findFirst()
                .map(machine -> of(DesiredState.LAUNCHED, Optional.of(machine)))
                .orElseGet(() -> of(DesiredState.INACTIVE, Optional.empty()));
    }

    private static CurrentState of(DesiredState state, Optional<MachineId> machine) {
        return new CurrentState(state, state, machine);
    }

    private static DesiredState there(RegisteredUnit unit, Placement placement, UnitState state) {
        boolean answers = state.placementId().equals(placement.id());
        return switch (placement.target()) {
            case LAUNCHED -> {
                // One that is to stop while it starts has not done so before it is down.
                boolean stops = unit.unit().desired() != DesiredState.LAUNCHED && !state.isDown();
                boolean started = answers && state.generation() == placement.generation() && !isStarting(state);
                yield started || stops ? DesiredState.LAUNCHED : loaded(state);
            }
            case LOADED, UNKNOWN -> state.isDown() ? loaded(state) : DesiredState.LAUNCHED;
            case INACTIVE -> {
                // It stops to go elsewhere, or rests there since it has failed, as fleet's failed units did.
                boolean over = unit.unit().desired() == DesiredState.INACTIVE && state.isDown();
                yield over ? DesiredState.INACTIVE : DesiredState.LAUNCHED;
            }
        };
    }

    private static DesiredState loaded(UnitState state) {
        return state.fileHash().isEmpty() ? DesiredState.INACTIVE : DesiredState.LOADED;
    }

    /// For the first time. One that fails and starts again and again has been launched: nobody is to wait for it.
    private static boolean isStarting(UnitState state) {
        return state.active().equals("activating") && state.restarts() == 0 && !state.sub().startsWith("auto-restart");
    }
}
