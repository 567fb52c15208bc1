package io.flota.simulation;

import com.google.common.collect.ImmutableSortedMap;
import io.flota.machine.MachineId;
import io.flota.unit.PlacementRules;
import io.flota.unit.UnitName;
import java.time.Duration;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;

/// No unit is up twice without need: exclusive ones never, ordinary ones only if a machine that has one was lost
/// since it began there.
final class Overlaps {
    /// A unit on a machine.
    ///
    /// @param since when it was started; not, when it started itself anew after it had failed
    /// @param registered whether the machine was registered then
    /// @param up whether it has a process
    record Copy(MachineId machine, Duration since, PlacementRules rules, boolean registered, boolean up) {
        private Copy with(PlacementRules now, boolean upNow) {
            return new Copy(machine, since, now, registered, upNow);
        }

        boolean isExclusive() {
            return rules.partition().exclusive();
        }
    }

    private final Consumer<String> breach;
    private final TreeMap<UnitName, TreeMap<MachineId, Copy>> copies = new TreeMap<>();
    private final TreeMap<MachineId, Duration> lostAt = new TreeMap<>();

    Overlaps(Consumer<String> breach) {
        this.breach = breach;
    }

    /// What has a process on a machine.
    ImmutableSortedMap<UnitName, Copy> on(MachineId machine) {
        var found = ImmutableSortedMap.<UnitName, Copy>naturalOrder();
        copies.forEach((unit, all) -> Optional.ofNullable(all.get(machine))
                .filter(Copy::up)
                .ifPresent(copy -> found.put(unit, copy)));
        return found.build();
    }

    /// Whether this was the last time that a machine was lost.
    boolean isLast(MachineId machine, Duration loss) {
        return loss.equals(lostAt.get(machine));
    }

    void lost(MachineId machine, Duration at) {
        lostAt.put(machine, at);
    }

    /// @param registered whether the machine is registered
    void began(MachineId machine, UnitName unit, PlacementRules rules, boolean registered, Duration now) {
        var all = copies.computeIfAbsent(unit, _ -> new TreeMap<>());
        var mine = Optional.ofNullable(all.get(machine))
                .map(before -> before.with(rules, true))
                .orElse(new Copy(machine, now, rules, registered, true));
        all.values().stream()
                .filter(other -> other.up() && !other.machine().equals(machine))
                .forEach(other -> check(unit, mine, other));
        all.put(machine, mine);
    }

    private void check(UnitName unit, Copy one, Copy other) {
        boolean exclusive = one.isExclusive() && other.isExclusive();
        boolean global = one.rules().global() || other.rules().global();
        if (exclusive || !global && !isLost(one) && !isLost(other)) {
            breach.accept(unit + " starts on " + one.machine().shortened() + " while it is up on "
                    + other.machine().shortened() + (exclusive ? ", and is exclusive" : ", which was not lost"));
        }
    }

    private boolean isLost(Copy copy) {
        var at = lostAt.get(copy.machine());
        return !copy.registered() || at != null && at.compareTo(copy.since()) >= 0;
    }

    /// It has failed, and may start itself anew.
    void failed(MachineId machine, UnitName unit) {
        copies.getOrDefault(unit, new TreeMap<>())
                .computeIfPresent(machine, (_, copy) -> copy.with(copy.rules(), false));
    }

    /// Nothing of it is left.
    void gone(MachineId machine, UnitName unit) {
        copies.getOrDefault(unit, new TreeMap<>()).computeIfPresent(machine, (_, copy) -> copy.up() ? null : copy);
    }
}
