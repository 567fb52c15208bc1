package io.flota.scheduler.placement;

import io.flota.machine.Machine;
import io.flota.machine.MachineId;
import io.flota.registry.Fact.PlacementFact;
import io.flota.scheduler.cluster.Cluster;
import io.flota.scheduler.cluster.RegisteredUnit;
import io.flota.scheduler.cluster.RegisteredUnit.Readable;
import io.flota.scheduler.placement.Standing.Spot;
import io.flota.unit.DesiredState;
import io.flota.unit.Glob;
import io.flota.unit.PlacementRules;
import io.flota.unit.UnitName;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// Where a unit may be beside all else that stands there: just the rules, one pair of units after the other.
final class Rulebook {
    private final Cluster cluster;
    private final Standing standing;

    Rulebook(Cluster cluster, Standing standing) {
        this.cluster = cluster;
        this.standing = standing;
    }

    /// Why a unit may not be on a machine beside all that is to run there.
    Optional<String> whyNot(RegisteredUnit unit, Machine machine) {
        var rules = rules(unit);
        if (!cluster.policyOf(machine.id()).isOpen() && !standing.ranBefore(new Spot(machine.id(), unit.name()))) {
            return Optional.of("it is cordoned");
        }
        if (isDrivenFrom(machine.id(), unit)) {
            return Optional.of("it is draining");
        }
        if (rules.machineId().isPresent()
                && !rules.machineId().get().equals(machine.id().value())
                && !rules.machineId().get().equals(machine.id().shortened())) {
            return Optional.of("wrong machine id");
        }
        for (var key : rules.metadata().keySet()) {
            var metadata = cluster.policyOf(machine.id()).over(machine.metadata());
            if (!rules.metadata().containsEntry(key, metadata.get(key))) {
                return Optional.of("wrong metadata " + key);
            }
        }
        for (var peer : rules.machineOf()) {
            if (!standing.running.contains(new Spot(machine.id(), peer))) {
                return Optional.of("without its peer " + peer);
            }
        }
        for (var spot : standing.running) {
            if (spot.machine().equals(machine.id()) && conflict(unit.name(), spot.unit())) {
                return Optional.of("beside " + spot.unit() + ", with which it conflicts");
            }
            var other = cluster.units().get(spot.unit());
            if (spot.machine().equals(machine.id()) && other != null && isPlaceable(other) && replaces(other, unit)) {
                return Optional.of("beside " + spot.unit() + ", which replaces it");
            }
        }
        return RoomCheck.shortage(cluster, unit, machine, on(machine.id(), standing.running));
    }

    /// Why there is no room for a unit beside all who are to be there and who have yet to leave.
    Optional<String> whyNoRoomYet(RegisteredUnit unit, Machine machine) {
        var there = on(machine.id(), standing.releasing);
        cluster.states().forEach((other, byMachine) -> {
            if (byMachine.containsKey(machine.id())) {
                there.add(other);
            }
        });
        there.removeIf(other -> standing.isReleased(new Spot(machine.id(), other)));
        return RoomCheck.shortage(cluster, unit, machine, on(machine.id(), standing.running), there);
    }

    /// Whether a unit wants something else than before, and more than those leave it who were there, whatever becomes
    /// of them.
    boolean grows(RegisteredUnit unit, PlacementFact placed) {
        var machine = cluster.machines().get(placed.placement().machine());
        return RoomCheck.isResized(cluster, unit, placed)
                && RoomCheck.isCrowded(cluster, unit, machine, on(machine.id(), standing.before.keySet()));
    }

    private static TreeSet<UnitName> on(MachineId machine, Collection<Spot> spots) {
        return spots.stream()
                .filter(spot -> spot.machine().equals(machine))
                .map(Spot::unit)
                .collect(Collectors.toCollection(TreeSet::new));
    }

    /// From a draining machine ordinary units go at once, global ones once no other is there.
    private boolean isDrivenFrom(MachineId machine, RegisteredUnit unit) {
        return cluster.policyOf(machine).draining()
                && (!unit.isGlobal()
                        || Stream.of(cluster.placements(), cluster.states())
                                .flatMap(table -> table.entrySet().stream())
                                .filter(entry -> entry.getValue().containsKey(machine))
                                .map(entry -> cluster.units().get(entry.getKey()))
                                .noneMatch(other -> other == null
                                        || !other.isGlobal()
                                                && (!other.isWanted() || other.contents() instanceof Readable)));
    }

    boolean isOutranked(RegisteredUnit unit) {
        return cluster.units().values().stream()
                .filter(Rulebook::isPlaceable)
                .anyMatch(other -> replaces(other, unit)
                        || (other.isGlobal()
                                && unit.isGlobal()
                                && other.name().compareTo(unit.name()) < 0
                                && conflict(other.name(), unit.name())));
    }

    boolean conflict(UnitName one, UnitName other) {
        return !one.equals(other) && (names(one, other) || names(other, one));
    }

    private boolean names(UnitName one, UnitName other) {
        var unit = cluster.units().get(one);
        var contents = unit == null ? cluster.contentsOfDestroyed(one) : List.of(unit.contents());
        return contents.stream()
                .anyMatch(it -> it instanceof Readable readable && matches(readable.rules().conflicts(), other));
    }

    /// Whether one drives the other away; not if the other, by whatever way round, depends on nothing but its leave.
    boolean replaces(RegisteredUnit one, RegisteredUnit other) {
        return namesInReplaces(one, other) && !leadsTo(other, one, new TreeSet<>());
    }

    private static boolean namesInReplaces(RegisteredUnit one, RegisteredUnit other) {
        return !one.isGlobal()
                && !other.isGlobal()
                && !one.name().equals(other.name())
                && matches(rules(one).replaces(), other.name());
    }

    private boolean leadsTo(RegisteredUnit from, RegisteredUnit to, TreeSet<UnitName> seen) {
        if (from.name().equals(to.name())) {
            return true;
        }
        if (!seen.add(from.name())) {
            return false;
        }
        return cluster.units().values().stream()
                .filter(Rulebook::isPlaceable)
                .filter(unit -> !unit.isGlobal())
                .filter(unit -> namesInReplaces(from, unit) || rules(unit).machineOf().contains(from.name()))
                .anyMatch(unit -> leadsTo(unit, to, seen));
    }

    private static boolean matches(List<Glob> globs, UnitName name) {
        return globs.stream().anyMatch(glob -> glob.matches(name.full()));
    }

    static boolean isPlaceable(RegisteredUnit unit) {
        return unit.unit().desired() != DesiredState.INACTIVE
                && !unit.name().isTemplate()
                && unit.contents() instanceof Readable;
    }

    static PlacementRules rules(RegisteredUnit unit) {
        return ((Readable) unit.contents()).rules();
    }
}
