package io.flota.agent.steps;

import com.google.common.collect.ImmutableSortedMap;
import io.flota.unit.DesiredState;
import io.flota.unit.Placement;
import io.flota.unit.UnitName;
import io.flota.unit.UnitState;
import java.time.Instant;
import java.util.Optional;
import java.util.TreeMap;

/// What the cluster is told of this machine's units.
public final class Report {
    private static final String OF_A_NEWER_VERSION =
            "a newer version placed it here for something that this agent does not know; it is left as it is";

    private Report() {}

    /// One state for each unit that is loaded, and for each placed one that cannot be loaded or has nothing to stop.
    ///
    /// A state names the placement that it answers. For a placement with the target `inactive` that is the word that
    /// lets the leader start the unit elsewhere, and is given only once the unit is down for good.
    public static ImmutableSortedMap<UnitName, UnitState> of(Situation situation) {
        var states = new TreeMap<UnitName, UnitState>(situation.observed());
        for (var placement : situation.placements().values()) {
            answer(situation, placement).ifPresent(state -> states.put(placement.unit(), state));
        }
        situation.strays().forEach((unit, stray) -> {
            switch (stray) {
                case ASKS -> states.computeIfPresent(unit, (_, state) -> state.asking());
                case UNDECIDED -> {}
            }
        });
        return ImmutableSortedMap.copyOf(states);
    }

    private static Optional<UnitState> answer(Situation situation, Placement placement) {
        var state = situation.observed().get(placement.unit());
        var unreadable = situation.unreadable().get(placement.unit());
        if (placement.target() == DesiredState.INACTIVE) {
            boolean released = situation.isReleased(placement);
            var known = state == null ? nothing("not-found", "") : state;
            return released ? Optional.of(known.answering(placement.id(), known.message())) : Optional.empty();
        }
        if (placement.target() == DesiredState.UNKNOWN) {
            var known = state == null ? nothing("not-found", "") : state;
            return Optional.of(known.answering(known.placementId(), joined(OF_A_NEWER_VERSION, known.message())));
        }
        if (unreadable != null) {
            var known = state == null ? nothing(unreadable.load(), "") : state;
            return Optional.of(known.answering(placement.id(), joined(unreadable.message(), known.message())));
        }
        var withheld = Optional.ofNullable(situation.withheld().get(placement.unit()));
        return Optional.ofNullable(state).map(known -> known.answering(
                placement.id(), withheld.map(because -> joined(because, known.message())).orElse(known.message())));
    }

    /// Since when a unit has not been here nobody knows.
    private static UnitState nothing(String load, String message) {
        return new UnitState(load, "inactive", "dead", "", "", 0, Instant.EPOCH, message, 0, 0);
    }

    private static String joined(String first, String second) {
        return second.isEmpty() ? first : first + "; " + second;
    }
}
