package io.flota.scheduler.placement;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSortedMap;
import io.flota.machine.MachineId;
import io.flota.scheduler.cluster.Cluster;
import io.flota.scheduler.cluster.RegisteredUnit;
import io.flota.scheduler.cluster.RegisteredUnit.Unreadable;
import io.flota.scheduler.placement.Decision.Wait;
import io.flota.unit.Reservation;
import io.flota.unit.UnitName;
import java.util.Optional;

/// Decides where units run. Pure: the same cluster always gives the same plan, and once a plan is carried out there
/// is nothing more to do until the cluster changes; but what units give up of their reservations is given away by the
/// next plan.
///
/// What holds for every plan:
/// - A unit that fits where it is stays there, and nobody who comes later drives it away, but who replaces it.
/// - A unit that does not fit where it is any more is stopped, whether or not it fits elsewhere: rules are promises.
/// - Between live machines a unit is stopped at the first before it is started at the second; nobody is started
///   beside a unit that it conflicts with and that is not down for good.
/// - Units of a lost machine go elsewhere at once. One that fits nowhere keeps its placement, so that it runs on if
///   the machine returns.
/// - An exclusive unit keeps its placement until it is certain to be down there: its machine has said so, or is lost
///   and fenced. Before that it is started nowhere else, whatever becomes of it meanwhile (see [Exclusion]).
/// - Of a unit that stands by for another one the operator's `launched` means loaded, as long as that one is well (see
///   [Standbys]). It is never beside that one.
/// - A copy that asks to stay where the unit is not placed gets its answer (see [Returned]).
public final class Planner {
    private Planner() {}

    public static Plan plan(Cluster cluster) {
        var draft = new Draft(cluster);
        removeUnwanted(draft);
        var units = draft.cluster().units().values();
        for (var unit : units) {
            if (unit.isWanted() && !unit.name().isTemplate() && unit.contents() instanceof Unreadable(var problem)) {
                leaveAlone(unit, problem, draft);
            }
        }
        for (var unit : units) {
            if (Draft.isPlaceable(unit) && unit.isGlobal()) {
                new GlobalUnit(unit, draft).decide();
            }
        }
        draft.dependence().order().forEach(unit -> new OrdinaryUnit(unit, draft).decide());
        return new Plan(draft);
    }

    /// Why a unit is not where it might be. Whoever asks for several units makes a plan and asks that.
    public static ImmutableList<Refusal> explain(Cluster cluster, UnitName unit) {
        return plan(cluster).refusals(unit);
    }

    /// What is reserved of each machine that is there, by all who are placed there or have not left it yet.
    public static ImmutableSortedMap<MachineId, Reservation> reserved(Cluster cluster) {
        var draft = new Draft(cluster);
        var reserved = ImmutableSortedMap.<MachineId, Reservation>naturalOrder();
        for (int machine = 0; machine < draft.machines().count(); machine++) {
            reserved.put(draft.machines().id(machine), draft.room().reserved(machine));
        }
        return reserved.buildOrThrow();
    }

    private static void removeUnwanted(Draft draft) {
        var cluster = draft.cluster();
        cluster.placements().forEach((name, byMachine) -> whyUnwanted(name, draft)
                .ifPresent(why -> byMachine.values().forEach(placed -> draft.end(placed, why))));
        cluster.states().keySet().forEach(name ->
                whyUnwanted(name, draft).ifPresent(why -> Returned.dismissAll(name, why, draft)));
        for (var unit : cluster.units().values()) {
            if (unit.isWanted() && unit.name().isTemplate()) {
                draft.add(new Wait(unit.name(), "it is a template: only its instances run"));
            }
        }
    }

    private static Optional<String> whyUnwanted(UnitName name, Draft draft) {
        var unit = draft.unit(name);
        if (unit.isEmpty()) {
            return Optional.of("the unit is destroyed");
        }
        if (!unit.get().isWanted()) {
            return Optional.of("desired state inactive");
        }
        return name.isTemplate() ? Optional.of("it is a template: only its instances run") : Optional.empty();
    }

    /// A unit whose file cannot be read stays as it is: nobody knows its rules.
    private static void leaveAlone(RegisteredUnit unit, String problem, Draft draft) {
        var placements = draft.placementsOf(unit.name());
        var places = draft.placesOf(unit.name());
        draft.lift(unit.name());
        places.stream().forEach(machine -> draft.settle(unit.name(), machine));
        Returned.dismissAll(unit.name(), problem, draft);
        if (placements.isEmpty()) {
            draft.add(new Wait(unit.name(), problem));
        }
    }
}
