package io.flota.scheduler.placement;

import io.flota.registry.Fact.PlacementFact;
import io.flota.scheduler.cluster.RegisteredUnit;
import io.flota.unit.UnitName;
import java.util.Optional;

/// What keeps an exclusive unit (`Exclusive=true`) from being up in two places: wherever it was placed it has to be
/// down for certain before its placement ends, and only then it is started elsewhere. Which it is says the file that
/// was placed: what was started as no exclusive unit does not stop by itself.
///
/// | the placement is | certain to be down |
/// |---|---|
/// | on a live machine | once the machine has said so, in answer to a release |
/// | of an exclusive unit, on a lost machine | once that machine counts as fenced |
/// | of a unit that became exclusive, on a lost machine | never: the machine has to return, or the operator to stop the unit |
final class Exclusion {
    private final Draft draft;

    Exclusion(Draft draft) {
        this.draft = draft;
    }

    /// Whether a placement has to stand until its unit is certain to be down there.
    boolean guards(PlacementFact placed) {
        return placed.placement().exclusive() || isExclusive(placed.placement().unit());
    }

    /// Why a guarded unit may (still) be up where it is placed; empty if it is certain to be down there.
    Optional<String> doubt(PlacementFact placed) {
        var machine = placed.placement().machine();
        if (draft.number(placed).isPresent()) {
            return draft.isReleased(placed)
                    ? Optional.empty()
                    : Optional.of("it is still being stopped on " + machine.shortened());
        }
        if (placed.placement().exclusive()) {
            return draft.cluster().losses().fenced().contains(machine)
                    ? Optional.empty()
                    : Optional.of("it is exclusive, and lost machine " + machine.shortened() + " has to have stopped it");
        }
        return isWanted(placed.placement().unit())
                ? Optional.of("lost machine " + machine.shortened() + " may run on what it started before the unit became"
                        + " exclusive; stop the unit if that machine is dead, and start it again")
                : Optional.empty();
    }

    /// Why a unit may be up at another placement than this one, which its being exclusive forbids to ignore.
    ///
    /// @param onLiveMachines whether any placement on a live machine counts, exclusive or not
    Optional<String> doubtElsewhere(UnitName unit, Optional<PlacementFact> home, boolean onLiveMachines) {
        return draft.placementsOf(unit).values().stream()
                .filter(placed -> !home.equals(Optional.of(placed)))
                .filter(placed -> guards(placed) || onLiveMachines && draft.number(placed).isPresent())
                .flatMap(placed -> doubt(placed).stream())
                .findFirst();
    }

    /// Whether a unit is exclusive where it is placed and not in its file, or the other way round: then it has to
    /// stop there before it takes the file.
    static boolean changes(RegisteredUnit unit, PlacementFact placed) {
        return unit.isExclusive() != placed.placement().exclusive();
    }

    private boolean isExclusive(UnitName unit) {
        return draft.unit(unit).filter(RegisteredUnit::isExclusive).isPresent();
    }

    private boolean isWanted(UnitName unit) {
        return draft.unit(unit).filter(RegisteredUnit::isWanted).isPresent();
    }
}
