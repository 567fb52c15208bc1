package io.flota.scheduler.placement;

import io.flota.machine.Machine;
import io.flota.registry.Fact.PlacementFact;
import io.flota.scheduler.cluster.Cluster;
import io.flota.scheduler.cluster.RegisteredUnit;
import io.flota.scheduler.cluster.RegisteredUnit.Contents;
import io.flota.scheduler.cluster.RegisteredUnit.Readable;
import io.flota.unit.UnitName;
import io.flota.unit.UnitState;
import java.util.Collection;
import java.util.Optional;
import java.util.TreeSet;

/// Adds up what units reserve, one after the other; shares nothing with the planner.
final class RoomCheck {
    private final Cluster cluster;
    private long cpuMillis;
    private long memoryBytes;

    private RoomCheck(Cluster cluster) {
        this.cluster = cluster;
    }

    /// Why a unit does not fit on a machine beside others that are to be there.
    static Optional<String> shortage(
            Cluster cluster, RegisteredUnit unit, Machine machine, Collection<UnitName> beside) {
        return shortage(cluster, unit, machine, beside, new TreeSet<>());
    }

    /// @param leaving who is still there, and is not to be
    static Optional<String> shortage(
            Cluster cluster, RegisteredUnit unit, Machine machine, Collection<UnitName> beside,
            Collection<UnitName> leaving) {
        var own = new RoomCheck(cluster);
        own.add(unit.contents());
        var all = new RoomCheck(cluster);
        all.add(unit.contents());
        var others = new TreeSet<>(beside);
        others.remove(unit.name());
        others.forEach(other -> all.stays(other, machine));
        leaving.stream()
                .filter(other -> !other.equals(unit.name()) && !others.contains(other))
                .forEach(other -> all.leaves(other, machine));
        boolean cpu = own.cpuMillis > 0 && all.cpuMillis > machine.resources().cpus() * 1000L;
        boolean memory = own.memoryBytes > 0 && all.memoryBytes > machine.resources().memoryBytes();
        return cpu || memory
                ? Optional.of("with too little " + (cpu ? "CPU" : "memory") + ": " + machine.resources() + ", wanted by "
                        + unit.name() + ", " + others + " and, leaving, " + leaving + ": " + all.cpuMillis + " and "
                        + all.memoryBytes)
                : Optional.empty();
    }

    /// Whether a unit does not fit beside others if each of them takes what it had or what it wants, whichever is more.
    static boolean isCrowded(
            Cluster cluster, RegisteredUnit unit, Machine machine, Collection<UnitName> beside) {
        var all = new RoomCheck(cluster);
        all.add(unit.contents());
        for (var other : beside) {
            if (!other.equals(unit.name())) {
                var now = new RoomCheck(cluster);
                now.stays(other, machine);
                var then = new RoomCheck(cluster);
                then.leaves(other, machine);
                all.cpuMillis += Math.max(now.cpuMillis, then.cpuMillis);
                all.memoryBytes += Math.max(now.memoryBytes, then.memoryBytes);
            }
        }
        return all.cpuMillis > machine.resources().cpus() * 1000L
                || all.memoryBytes > machine.resources().memoryBytes();
    }

    /// Whether a unit reserves something else than with the file that it was placed with.
    static boolean isResized(Cluster cluster, RegisteredUnit unit, PlacementFact placed) {
        return differ(cluster, unit.contents(), placed(cluster, placed));
    }

    /// Whether a machine has yet to report a unit with the file that it was placed with, which says something else: of
    /// what it reserves or, if it is destroyed, of anything.
    static boolean isBehind(Cluster cluster, PlacementFact placed) {
        var unit = placed.placement().unit();
        return Optional.ofNullable(cluster.statesOf(unit).get(placed.placement().machine()))
                .filter(state -> !state.fileHash().equals(placed.placement().fileHash()))
                .map(state -> Contents.of(unit, state.fileHash(), cluster.files()))
                .filter(reported -> !cluster.units().containsKey(unit)
                        || differ(cluster, reported, placed(cluster, placed)))
                .isPresent();
    }

    private static Contents placed(Cluster cluster, PlacementFact placed) {
        return Contents.of(placed.placement().unit(), placed.placement().fileHash(), cluster.files());
    }

    private static boolean differ(Cluster cluster, Contents one, Contents other) {
        var first = new RoomCheck(cluster);
        first.add(one);
        var second = new RoomCheck(cluster);
        second.add(other);
        return first.cpuMillis != second.cpuMillis || first.memoryBytes != second.memoryBytes;
    }

    private void stays(UnitName unit, Machine machine) {
        var registered = cluster.units().get(unit);
        if (registered != null && registered.contents() instanceof Readable readable) {
            add(readable);
        } else {
            leaves(unit, machine);
        }
    }

    private void leaves(UnitName unit, Machine machine) {
        var placed = Optional.ofNullable(cluster.placementsOf(unit).get(machine.id()))
                .map(fact -> fact.placement().fileHash());
        var reported = Optional.ofNullable(cluster.statesOf(unit).get(machine.id())).map(UnitState::fileHash);
        placed.or(() -> reported).ifPresent(hash -> add(Contents.of(unit, hash, cluster.files())));
    }

    private void add(Contents contents) {
        if (contents instanceof Readable(var _, var rules)) {
            cpuMillis += rules.reservation().cpuMillis();
            memoryBytes += rules.reservation().memoryBytes();
        }
    }
}
