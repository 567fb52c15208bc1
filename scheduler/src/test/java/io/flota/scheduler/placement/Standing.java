package io.flota.scheduler.placement;

import io.flota.machine.MachineId;
import io.flota.registry.Fact.PlacementFact;
import io.flota.scheduler.cluster.Cluster;
import io.flota.scheduler.cluster.RegisteredUnit;
import io.flota.unit.DesiredState;
import io.flota.unit.UnitName;
import io.flota.unit.UnitState;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;

/// Who is where as a cluster stands, and as a plan leaves it.
final class Standing {
    record Spot(MachineId machine, UnitName unit) implements Comparable<Spot> {
        @Override
        public int compareTo(Spot other) {
            int order = machine.compareTo(other.machine);
            return order == 0 ? unit.compareTo(other.unit) : order;
        }
    }

    private final Cluster cluster;
    /// What was placed before the plan.
    final TreeMap<Spot, PlacementFact> before = new TreeMap<>();
    /// What is to be there, after the decisions so far.
    final TreeSet<Spot> running = new TreeSet<>();
    /// What is to go from there.
    final TreeSet<Spot> releasing = new TreeSet<>();

    Standing(Cluster cluster) {
        this.cluster = cluster;
        cluster.placements().forEach((unit, byMachine) -> byMachine.forEach((machine, placed) -> {
            var spot = new Spot(machine, unit);
            before.put(spot, placed);
            var registered = cluster.units().get(unit);
            boolean rests = isResting(placed) && registered != null && registered.isWanted();
            boolean leaves = placed.placement().target() == DesiredState.INACTIVE && !rests;
            (leaves ? releasing : running).add(spot);
        }));
    }

    /// As another one leaves it.
    void take(Standing other) {
        running.clear();
        running.addAll(other.running);
        releasing.clear();
        releasing.addAll(other.releasing);
    }

    void runs(Spot spot) {
        forget(spot);
        running.add(spot);
    }

    void leaves(Spot spot) {
        forget(spot);
        releasing.add(spot);
    }

    void forget(Spot spot) {
        running.remove(spot);
        releasing.remove(spot);
    }

    boolean isResting(PlacementFact placed) {
        var fact = cluster.failuresOf(placed.placement().unit()).get(placed.placement().machine());
        return placed.placement().target() == DesiredState.INACTIVE
                && fact != null
                && fact.failures().placementId().equals(placed.placement().id());
    }

    boolean isLive(PlacementFact placed) {
        return cluster.machines().containsKey(placed.placement().machine());
    }

    boolean isReleased(PlacementFact placed) {
        var state = cluster.statesOf(placed.placement().unit()).get(placed.placement().machine());
        return placed.placement().target() == DesiredState.INACTIVE
                && Optional.ofNullable(state)
                        .filter(UnitState::isDown)
                        .filter(down -> down.placementId().equals(placed.placement().id()))
                        .isPresent();
    }

    boolean isReleased(Spot spot) {
        return Optional.ofNullable(before.get(spot)).filter(this::isReleased).isPresent();
    }

    boolean isOnLiveMachine(UnitName unit) {
        return running.stream()
                .anyMatch(spot -> spot.unit().equals(unit) && cluster.machines().containsKey(spot.machine()));
    }

    boolean ranBefore(Spot spot) {
        var placed = before.get(spot);
        return placed != null
                && (placed.placement().target() != DesiredState.INACTIVE || isResting(placed));
    }

    boolean asks(UnitName unit, MachineId machine) {
        return Optional.ofNullable(cluster.statesOf(unit).get(machine)).filter(UnitState::asksToStay).isPresent()
                && cluster.machines().containsKey(machine)
                && !before.containsKey(new Spot(machine, unit));
    }

    boolean isUpElsewhere(PlacementFact placed) {
        var unit = cluster.units().get(placed.placement().unit());
        return !unit.isGlobal()
                && cluster.statesOf(unit.name()).entrySet().stream()
                        .filter(entry -> !entry.getKey().equals(placed.placement().machine()))
                        .filter(entry -> cluster.machines().containsKey(entry.getKey()))
                        .anyMatch(entry -> !entry.getValue().isDown());
    }

    /// Whether a copy may be up at a placement that must not be up beside any other: either is exclusive.
    boolean mayBeUp(PlacementFact placed) {
        var unit = Optional.ofNullable(cluster.units().get(placed.placement().unit()));
        boolean nowExclusive = unit.filter(RegisteredUnit::isExclusive).isPresent();
        if (isLive(placed)) {
            return (placed.placement().exclusive() || nowExclusive) && !isReleased(placed);
        }
        return placed.placement().exclusive()
                ? !cluster.losses().fenced().contains(placed.placement().machine())
                : nowExclusive && unit.get().isWanted();
    }

    static Spot spot(PlacementFact placed) {
        return new Spot(placed.placement().machine(), placed.placement().unit());
    }
}
