package io.flota.scheduler.placement;

import io.flota.registry.Fact.PlacementFact;
import io.flota.scheduler.cluster.RegisteredUnit;
import io.flota.scheduler.placement.Decision.Dismiss;
import io.flota.scheduler.placement.Decision.Place;
import io.flota.scheduler.placement.Decision.Wait;
import java.util.Optional;
import java.util.TreeSet;

/// Decides on a global unit, one machine after the other. Global units are decided on by name and before all others:
/// of two that conflict the first runs, everywhere. Against ordinary units they have no such right: who is there
/// stays.
final class GlobalUnit {
    private final RegisteredUnit unit;
    private final Draft draft;

    GlobalUnit(RegisteredUnit unit, Draft draft) {
        this.unit = unit;
        this.draft = draft;
    }

    void decide() {
        var placements = draft.placementsOf(unit.name());
        draft.lift(unit.name());
        var exclusive = draft.exclusion().doubtElsewhere(unit.name(), Optional.empty(), false);
        placements.values().stream().filter(draft.exclusion()::guards).forEach(placed ->
                draft.end(placed, "its new unit file makes it no longer exclusive"));
        if (exclusive.isPresent()) {
            draft.add(new Wait(unit.name(), exclusive.get()));
            return;
        }
        boolean somewhere = false;
        for (var placed : placements.values()) {
            if (draft.number(placed).isEmpty() && !draft.exclusion().guards(placed)) {
                somewhere = true;
                if (!Draft.isReleasing(placed)) {
                    Refresh.of(unit, placed, draft).ifPresent(draft::add);
                }
            }
        }
        for (int machine = 0; machine < draft.machines().count(); machine++) {
            var placed = placements.get(draft.machines().id(machine));
            somewhere |= placed == null ? place(machine) : keep(placed, machine);
        }
        if (!somewhere) {
            draft.add(new Wait(unit.name(), "fits on none of " + draft.machines().count() + " machines"));
        }
    }

    private boolean keep(PlacementFact placed, int machine) {
        if (draft.exclusion().guards(placed)) {
            return true; // it has just been ended, and is placed anew once it is forgotten there
        }
        var refusal = Rule.refusalToKeep(unit, placed, machine, draft);
        if (refusal.isPresent()) {
            draft.end(placed, refusal.get());
            return false;
        }
        if (draft.setbacks().hasFailed(unit, placed)) {
            draft.add(draft.setbacks().giveUp(unit, placed));
            draft.rest(unit.name(), machine);
        } else if (draft.setbacks().isResting(placed)
                && Rule.refusalToTryAgain(unit, machine, draft).isPresent()) {
            draft.rest(unit.name(), machine);
        } else {
            Refresh.of(unit, placed, draft).ifPresent(draft::add);
            draft.settle(unit.name(), machine);
        }
        return true;
    }

    private boolean place(int machine) {
        var id = draft.machines().id(machine);
        boolean asks = Returned.isAsking(unit.name(), id, draft);
        var refusal = Rule.refusalToCome(unit, machine, draft);
        if (refusal.isPresent()) {
            if (asks) {
                draft.add(new Dismiss(unit.name(), id, draft.statesOf(unit.name()).get(id), refusal.get()));
            }
            return false;
        }
        var inTheWay = new TreeSet<>(draft.presumed().conflictsAt(unit.name(), machine));
        inTheWay.addAll(draft.leaving().conflictsAt(unit.name(), machine));
        if (!inTheWay.isEmpty()) {
            if (inTheWay.stream().allMatch(draft::isGlobal)) {
                draft.claim(unit.name(), machine);
            }
            return false;
        }
        if (draft.statesOf(unit.name()).containsKey(id) && !asks) {
            return false; // it is still being stopped there
        }
        draft.settle(unit.name(), machine);
        draft.add(new Place(unit, id, "global, and the machine fits"));
        return true;
    }
}
