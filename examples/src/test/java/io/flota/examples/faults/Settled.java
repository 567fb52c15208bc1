package io.flota.examples.faults;

import static java.util.stream.Collectors.toSet;

import io.flota.examples.faults.Witnesses.Living;
import io.flota.registry.Fact;
import io.flota.registry.Fact.FailuresFact;
import io.flota.registry.Fact.FileFact;
import io.flota.registry.Fact.MachineFact;
import io.flota.registry.Fact.PlacementFact;
import io.flota.registry.Fact.StateFact;
import io.flota.registry.Fact.UnitFact;
import io.flota.registry.Fact.ValveFact;
import io.flota.unit.DesiredState;
import io.flota.unit.Placement;
import io.flota.unit.Unit;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Stream;

/// Compares what is wanted with what the registry holds and with the processes that are there.
///
/// @param machines how many there are to be
/// @param global units of which each machine is to have one
/// @param restless units that fail by themselves, so that they may be absent just now
record Settled(int machines, Predicate<String> global, Predicate<String> restless) {
    /// What is not yet, or not any more, as it is to be, in words.
    List<String> wanting(List<Fact> facts, List<Living> living) {
        var wanting = new ArrayList<String>();
        var there = all(facts, MachineFact.class).map(fact -> fact.machine().id().value()).collect(toSet());
        if (there.size() != machines) {
            wanting.add("machines there: " + there);
        }
        var placements = all(facts, PlacementFact.class).map(PlacementFact::placement).toList();
        var states = all(facts, StateFact.class).toList();
        all(facts, UnitFact.class).map(UnitFact::unit).forEach(unit -> unit(unit, placements, states, living, wanting));
        orphanKeys(facts, placements, states, wanting);
        for (var process : living) {
            if (placements.stream().noneMatch(placement -> is(placement, process))) {
                wanting.add("orphan process: " + process);
            }
        }
        return wanting;
    }

    private void unit(
            Unit unit, List<Placement> all, List<StateFact> states, List<Living> living, List<String> wanting) {
        var name = unit.name().toString();
        var placements = all.stream().filter(placement -> placement.unit().equals(unit.name())).toList();
        int expected = unit.desired() == DesiredState.INACTIVE ? 0 : global.test(name) ? machines : 1;
        if (placements.size() != expected) {
            wanting.add("%s is %s and placed %d times".formatted(name, unit.desired(), placements.size()));
        }
        for (var placement : placements) {
            if (placement.target() != unit.desired() || placement.generation() != unit.generation()
                    || !placement.fileHash().equals(unit.fileHash())) {
                wanting.add("%s is to be %s, but %s".formatted(name, unit, placement));
            }
            boolean launched = unit.desired() == DesiredState.LAUNCHED;
            long processes = living.stream().filter(process -> is(placement, process)).count();
            if (!restless.test(name) && processes != (launched ? 1 : 0)) {
                wanting.add("%s has %d processes on %s".formatted(name, processes, placement.machine()));
            }
            if (!restless.test(name) && states.stream().noneMatch(state -> agrees(state, placement, launched))) {
                wanting.add("%s is not reported to be as placed on %s".formatted(name, placement.machine()));
            }
        }
    }

    private static boolean agrees(StateFact state, Placement placement, boolean launched) {
        return state.machine().equals(placement.machine())
                && state.unit().equals(placement.unit())
                && state.state().placementId().equals(placement.id())
                && state.state().active().equals("active") == launched;
    }

    private static boolean is(Placement placement, Living process) {
        return placement.machine().value().equals(process.machine())
                && placement.unit().toString().equals(process.unit());
    }

    private static void orphanKeys(
            List<Fact> facts, List<Placement> placements, List<StateFact> states, List<String> wanting) {
        var units = all(facts, UnitFact.class).map(UnitFact::unit).toList();
        var names = units.stream().map(Unit::name).collect(toSet());
        var files = units.stream().map(Unit::fileHash).collect(toSet());
        var machines = all(facts, MachineFact.class).map(fact -> fact.machine().id()).collect(toSet());
        placements.stream()
                .filter(placement -> !names.contains(placement.unit()))
                .forEach(placement -> wanting.add("orphan placement: " + placement));
        states.stream()
                .filter(state -> !machines.contains(state.machine()) || placements.stream().noneMatch(placement ->
                        placement.unit().equals(state.unit()) && placement.machine().equals(state.machine())))
                .forEach(state -> wanting.add("orphan state: " + state));
        all(facts, FileFact.class)
                .filter(file -> !files.contains(file.hash()))
                .forEach(file -> wanting.add("orphan file: " + file.hash()));
        all(facts, FailuresFact.class)
                .filter(failures -> !names.contains(failures.unit()))
                .forEach(failures -> wanting.add("orphan failures: " + failures));
        all(facts, ValveFact.class).forEach(valve -> wanting.add("the valve is closed: " + valve));
    }

    private static <T extends Fact> Stream<T> all(List<Fact> facts, Class<T> kind) {
        return facts.stream().filter(kind::isInstance).map(kind::cast);
    }
}
