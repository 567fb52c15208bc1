package io.flota.scheduler.placement;

import io.flota.machine.MachineId;
import io.flota.registry.Fact.PlacementFact;
import io.flota.scheduler.cluster.RegisteredUnit;
import io.flota.scheduler.placement.Decision.Move;
import io.flota.scheduler.placement.Decision.Place;
import io.flota.scheduler.placement.Decision.Release;
import io.flota.scheduler.placement.Decision.Remove;
import io.flota.scheduler.placement.Decision.Update;
import io.flota.scheduler.placement.Decision.Wait;
import io.flota.unit.UnitName;
import java.util.BitSet;
import java.util.Comparator;
import java.util.Optional;
import java.util.TreeSet;

/// Decides on a unit that runs on one machine.
///
/// | its placement | decision |
/// |---|---|
/// | none | Place, or Wait |
/// | on a live machine that fits | stay, Update if the unit has changed |
/// | on a live machine that does not fit (any more) | Release |
/// | released, the machine fits again | Update |
/// | released, not down yet | Wait |
/// | released and down | Move, or Remove and Wait |
/// | on a live machine that fits, while an older copy is back (see [Returned]) | Release; once it is down: Move there |
/// | on a live machine where it has failed for good | GiveUp: it rests there |
/// | resting, down, and may be tried again | Update there, or Move |
/// | on a lost machine | Move, or keep it and Wait |
/// | on a lost machine, exclusive and not certain to be down | keep it and Wait |
/// | on a machine that is held for lost | stay |
/// | on a live machine, and its new file makes it exclusive, or no longer | Release; once it is down: Update |
final class OrdinaryUnit {
    private final RegisteredUnit unit;
    private final Draft draft;

    OrdinaryUnit(RegisteredUnit unit, Draft draft) {
        this.unit = unit;
        this.draft = draft;
    }

    void decide() {
        liftWhoLeavesTheCircle();
        draft.lift(unit.name());
        var home = home();
        if (home.isEmpty()) {
            adoptOrSeek(Optional.empty());
            return;
        }
        for (var placed : draft.placementsOf(unit.name()).values()) {
            if (!placed.equals(home.get())) {
                draft.end(placed, "the unit is placed on another machine too");
            }
        }
        var machine = draft.number(home.get());
        if (machine.isPresent()) {
            stayOrLeave(home.get(), machine.getAsInt());
        } else if (draft.cluster().holdsLosses()) {
            keepFor(home.get());
        } else {
            leaveLost(home.get());
        }
    }

    private void leaveLost(PlacementFact home) {
        var doubt = draft.exclusion().doubt(home);
        if (draft.exclusion().guards(home) && doubt.isPresent()) {
            keepFor(home);
            draft.add(new Wait(unit.name(), doubt.get()));
        } else {
            adoptOrSeek(Optional.of(home));
        }
    }

    /// A copy that runs where the unit is not placed comes before any machine where it would have to be started.
    private void adoptOrSeek(Optional<PlacementFact> from) {
        new Returned(unit, draft)
                .choose(false)
                .ifPresentOrElse(machine -> adopt(machine, from), () -> seek(from));
    }

    private void adopt(MachineId machine, Optional<PlacementFact> from) {
        var another = draft.straysOf(unit.name()).filter(other -> !other.equals(machine)).findFirst();
        if (another.isPresent() && !new Returned(unit, draft).isAsWanted(machine)) {
            draft.add(new Wait(unit.name(), "it is still being stopped on " + another.get().shortened()));
            return;
        }
        draft.settle(unit.name(), draft.machines().number(machine).orElseThrow());
        var why = "it has been running there";
        draft.add(from.<Decision>map(placed -> new Move(unit, placed, machine, whyMoved(placed) + why))
                .orElseGet(() -> new Place(unit, machine, why)));
    }

    /// The unit stops where it is placed, and its older copy stays.
    private void makeWay(PlacementFact home, MachineId older) {
        draft.claim(unit.name(), draft.machines().number(older).orElseThrow());
        if (Draft.isReleasing(home)) {
            draft.add(new Wait(unit.name(), "it is still being stopped on " + shortened(home)));
        } else {
            draft.add(new Release(home, "it has been running on " + older.shortened() + ", which is back"));
        }
    }

    /// Units that follow each other in a circle may run on where they are together. Who is decided on first looks at
    /// all the others, as nobody's place is certain before.
    private void liftWhoLeavesTheCircle() {
        var presumed = new TreeSet<>(draft.dependence().entangled(unit.name()));
        presumed.removeIf(other -> !draft.isPresumed(other));
        boolean again = true;
        while (again) {
            var leaving = presumed.stream().filter(this::hasToLeave).findFirst();
            leaving.ifPresent(draft::lift);
            leaving.ifPresent(presumed::remove);
            again = leaving.isPresent();
        }
    }

    private boolean hasToLeave(UnitName other) {
        var registered = draft.unit(other).orElseThrow();
        boolean stopsFirst = draft.placementsOf(other).values().stream()
                .anyMatch(placed -> draft.number(placed).isPresent() && whyStopFirst(registered, placed).isPresent());
        return stopsFirst || draft.placesOf(other).stream()
                .allMatch(machine ->
                        Rule.refusalToStay(registered, machine, draft).isPresent());
    }

    /// The placement that counts, if there are several: rather one that runs than one that ends, rather one on a live
    /// machine, rather where the unit is up.
    private Optional<PlacementFact> home() {
        var placements = draft.placementsOf(unit.name());
        return placements.values().stream()
                .min(Comparator.<PlacementFact, Boolean>comparing(Draft::isReleasing)
                        .thenComparing(placed -> draft.number(placed).isEmpty())
                        .thenComparing(placed -> !draft.isUp(placed))
                        .thenComparing(placed -> placed.placement().machine()));
    }

    private void stayOrLeave(PlacementFact home, int machine) {
        var refusal = Rule.refusalToKeep(unit, home, machine, draft).or(() -> whyStopFirst(unit, home));
        var older = new Returned(unit, draft).choose(refusal.isEmpty());
        if (older.isPresent() && draft.isReleased(home)) {
            adopt(older.get(), Optional.of(home));
        } else if (older.isPresent()) {
            makeWay(home, older.get());
        } else if (refusal.isEmpty()) {
            stay(home, machine);
        } else if (!Draft.isReleasing(home)) {
            draft.add(new Release(home, refusal.get()));
        } else if (draft.isReleased(home)) {
            seek(Optional.of(home));
        } else {
            draft.leave(home);
            draft.add(new Wait(unit.name(), "it is still being stopped on " + shortened(home)));
        }
    }

    /// The unit has failed here and been stopped. It is started again here or elsewhere, where it may be first.
    private void tryAgain(PlacementFact home, int machine) {
        boolean alone = whereElse(Optional.of(home)).isEmpty();
        boolean mayMove = alone && draft.isReleased(home) && !isInCircle();
        var candidates = mayMove ? Rule.candidates(unit, draft) : new BitSet();
        draft.placementsOf(unit.name()).values().forEach(placed -> draft.number(placed)
                .ifPresent(candidates::clear)); // one decision for a placement, and the others have to end
        candidates.set(machine, alone && Rule.refusalToTryAgain(unit, machine, draft).isEmpty());
        if (candidates.isEmpty()) {
            draft.rest(unit.name(), machine);
            draft.add(new Wait(unit.name(), "it has failed, and rests on " + shortened(home)));
            return;
        }
        int chosen = Choice.of(unit, candidates, false, draft);
        if (chosen == machine) {
            draft.add(new Update(unit, home, whyMoved(home) + "it is tried again there"));
            draft.settle(unit.name(), machine);
        } else {
            take(chosen, candidates.cardinality(), Optional.of(home));
            if (draft.isClaimed(unit.name(), chosen)) {
                draft.rest(unit.name(), machine);
            }
        }
    }

    /// What runs took no heed of whether its machine was cut off, or takes it from now on without need.
    private Optional<String> whyStopFirst(RegisteredUnit changed, PlacementFact home) {
        var what = changed.isExclusive() ? "exclusive" : "no longer exclusive";
        return Optional.of("its new unit file makes it " + what)
                .filter(_ -> Exclusion.changes(changed, home) && !draft.isReleased(home));
    }

    private void stay(PlacementFact home, int machine) {
        if (draft.setbacks().hasFailed(unit, home)) {
            draft.add(draft.setbacks().giveUp(unit, home));
            draft.rest(unit.name(), machine);
        } else if (draft.setbacks().isResting(home)) {
            tryAgain(home, machine);
        } else {
            keep(home, machine);
        }
    }

    /// An exclusive unit that may be up elsewhere too is left as it is here, and not started.
    private void keep(PlacementFact home, int machine) {
        var elsewhere = unit.isExclusive() ? whereElse(Optional.of(home)) : Optional.<String>empty();
        if (elsewhere.isPresent() && Draft.isReleasing(home)) {
            draft.add(new Wait(unit.name(), elsewhere.get()));
            return;
        }
        if (elsewhere.isEmpty()) {
            Refresh.of(unit, home, draft).ifPresent(draft::add);
        }
        draft.settle(unit.name(), machine);
    }

    /// Where the unit may be up beside this placement of it.
    private Optional<String> whereElse(Optional<PlacementFact> home) {
        return draft.strayOf(unit.name())
                .map(machine -> "it is still being stopped on " + machine.shortened())
                .or(() -> draft.exclusion().doubtElsewhere(unit.name(), home, true));
    }

    private void keepFor(PlacementFact absent) {
        if (!Draft.isReleasing(absent) && !Exclusion.changes(unit, absent)) {
            Refresh.of(unit, absent, draft).ifPresent(draft::add);
        }
    }

    /// Finds a machine for a unit that runs nowhere.
    ///
    /// @param from the placement that it gives up for it
    private void seek(Optional<PlacementFact> from) {
        var elsewhere = whereElse(from);
        var candidates = elsewhere.isPresent() || isInCircle() ? new BitSet() : Rule.candidates(unit, draft);
        draft.placementsOf(unit.name()).values().forEach(placed -> draft.number(placed)
                .ifPresent(candidates::clear)); // one decision for a placement, and this one has to end
        if (!candidates.isEmpty()) {
            take(Choice.of(unit, candidates, from.isEmpty(), draft), candidates.cardinality(), from);
            return;
        }
        from.ifPresent(placed -> {
            if (draft.number(placed).isEmpty()) {
                keepFor(placed);
            } else if (elsewhere.isEmpty()) {
                draft.add(new Remove(placed, "it is down, and fits nowhere"));
            }
        });
        draft.add(new Wait(
                unit.name(), elsewhere.orElse("fits on none of " + draft.machines().count() + " machines")));
    }

    private boolean isInCircle() {
        return draft.dependence().circle(unit.name()).isPresent();
    }

    private void take(int machine, int outOf, Optional<PlacementFact> from) {
        var inTheWay = draft.dependence().replacedBy(unit.name()).stream()
                .filter(other -> draft.presumed().has(other, machine) || draft.leaving().has(other, machine))
                .findFirst();
        MachineId id = draft.machines().id(machine);
        if (inTheWay.isPresent()) {
            draft.claim(unit.name(), machine);
            draft.add(new Wait(unit.name(), "replaces " + inTheWay.get() + ", which has to stop on " + id.shortened()));
            return;
        }
        draft.settle(unit.name(), machine);
        var why = outOf == 1 ? "the only machine that fits" : "carries least of " + outOf + " machines that fit";
        draft.add(from.<Decision>map(placed -> new Move(unit, placed, id, whyMoved(placed) + why))
                .orElseGet(() -> new Place(unit, id, why)));
    }

    private String whyMoved(PlacementFact from) {
        if (draft.number(from).isEmpty()) {
            return "machine " + shortened(from) + " is lost; ";
        }
        if (draft.setbacks().isResting(from)) {
            int count = draft.setbacks().count(unit, from.placement().machine());
            return count == 0
                    ? "had failed on " + shortened(from) + ", and is wanted anew; "
                    : "failed on " + shortened(from) + " " + Setbacks.times(count) + "; ";
        }
        return "cannot stay on " + shortened(from) + "; ";
    }

    private static String shortened(PlacementFact placed) {
        return placed.placement().machine().shortened();
    }
}
