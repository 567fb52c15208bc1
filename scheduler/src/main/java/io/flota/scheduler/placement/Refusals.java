package io.flota.scheduler.placement;

import com.google.common.collect.ImmutableList;
import io.flota.machine.MachineId;
import io.flota.registry.Fact.PlacementFact;
import io.flota.scheduler.cluster.RegisteredUnit;
import io.flota.scheduler.cluster.RegisteredUnit.Readable;
import io.flota.scheduler.cluster.RegisteredUnit.Unreadable;
import io.flota.unit.UnitName;
import java.util.ArrayList;
import java.util.Optional;

/// Says of a finished draft why a unit is not on a machine.
final class Refusals {
    private final Draft draft;

    Refusals(Draft draft) {
        this.draft = draft;
    }

    ImmutableList<Refusal> of(UnitName name) {
        var unit = draft.unit(name).filter(RegisteredUnit::isWanted);
        if (unit.isEmpty()) {
            return ImmutableList.of();
        }
        if (name.isTemplate()) {
            return everywhere("it is a template: only its instances run");
        }
        return switch (unit.get().contents()) {
            case Unreadable(var problem) -> isPlaced(name) ? ImmutableList.of() : everywhere(problem);
            case Readable _ -> of(unit.get());
        };
    }

    private ImmutableList<Refusal> of(RegisteredUnit unit) {
        var places = draft.placesOf(unit.name());
        draft.machines().all().stream()
                .filter(machine -> draft.isResting(unit.name(), machine))
                .forEach(places::clear);
        if (!unit.isGlobal() && !places.isEmpty()) {
            return ImmutableList.of();
        }
        var circle = draft.dependence().circle(unit.name());
        if (circle.isPresent()) {
            return everywhere("MachineOf goes round in a circle: " + circle.get());
        }
        var refusals = new ArrayList<Refusal>();
        for (var placed : draft.placementsOf(unit.name()).values()) {
            if (draft.number(placed).isEmpty()) {
                refusals.add(Refusal.by(placed.placement().machine(), whyKept(placed)));
            }
        }
        if (draft.machines().count() == 0) {
            refusals.add(Refusal.everywhere("no machine is in the cluster"));
        }
        for (int machine = 0; machine < draft.machines().count(); machine++) {
            if (!places.get(machine)) {
                refusals.add(Refusal.by(draft.machines().id(machine), reason(unit, machine)));
            }
        }
        return ImmutableList.copyOf(refusals);
    }

    private String whyKept(PlacementFact placed) {
        if (draft.cluster().isValveClosed()) {
            return "the machine is lost together with so many others that no unit is moved: see unitctl valve";
        }
        return draft.exclusion().guards(placed) && draft.exclusion().doubt(placed).isPresent()
                ? draft.exclusion().doubt(placed).get()
                : "the machine is lost; the unit is kept for it";
    }

    private String reason(RegisteredUnit unit, int machine) {
        var id = draft.machines().id(machine);
        if (draft.isClaimed(unit.name(), machine)) {
            return "it waits here until others have stopped";
        }
        if (draft.isResting(unit.name(), machine)) {
            return Rule.refusalToTryAgain(unit, machine, draft).orElse("it has failed here, and is tried again");
        }
        if (draft.statesOf(unit.name()).containsKey(id)
                || draft.placementsOf(unit.name()).containsKey(id)) {
            return "it is still being stopped here";
        }
        return Rule.refusalOfNewcomer(unit, machine, draft)
                .or(() -> elsewhere(unit.name()).map(other -> "it is still being stopped on " + other.shortened()))
                .or(() -> draft.exclusion().doubtElsewhere(unit.name(), Optional.empty(), true))
                .or(() -> whyHeld(unit.name()))
                .orElse("it fits and is placed next");
    }

    private Optional<String> whyHeld(UnitName unit) {
        return draft.cluster().holdsLosses() && isPlaced(unit)
                ? Optional.of("it fits; no unit of a lost machine is moved at present")
                : Optional.empty();
    }

    private Optional<MachineId> elsewhere(UnitName unit) {
        return draft.strayOf(unit)
                .or(() -> draft.placementsOf(unit).values().stream()
                        .filter(placed -> draft.number(placed).isPresent())
                        .map(placed -> placed.placement().machine())
                        .findFirst());
    }

    private boolean isPlaced(UnitName unit) {
        return !draft.placementsOf(unit).isEmpty();
    }

    private static ImmutableList<Refusal> everywhere(String reason) {
        return ImmutableList.of(Refusal.everywhere(reason));
    }
}
