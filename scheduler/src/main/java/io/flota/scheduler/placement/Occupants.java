package io.flota.scheduler.placement;

import com.google.common.collect.ImmutableSortedSet;
import io.flota.unit.UnitName;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;

/// Units on machines, such that the machines where a given unit would be in conflict are known at once: for each
/// pattern of the cluster, where units are that it matches, and where units are that name it in their `Conflicts=`.
final class Occupants {
    private final ConflictRules rules;
    private final List<Set<UnitName>> byMachine;
    private final Map<Integer, Tally> matched = new LinkedHashMap<>();
    private final Map<Integer, Tally> holding = new LinkedHashMap<>();

    Occupants(ConflictRules rules, int machines) {
        this.rules = rules;
        byMachine = IntStream.range(0, machines).<Set<UnitName>>mapToObj(_ -> new LinkedHashSet<>()).toList();
    }

    void add(UnitName unit, int machine) {
        if (byMachine.get(machine).add(unit)) {
            count(unit, machine, 1);
        }
    }

    /// @return whether it was there
    boolean remove(UnitName unit, int machine) {
        boolean there = byMachine.get(machine).remove(unit);
        if (there) {
            count(unit, machine, -1);
        }
        return there;
    }

    private void count(UnitName unit, int machine, int by) {
        for (int glob : rules.matching(unit)) {
            matched.computeIfAbsent(glob, _ -> new Tally()).add(machine, by);
        }
        for (int glob : rules.of(unit)) {
            holding.computeIfAbsent(glob, _ -> new Tally()).add(machine, by);
        }
    }

    boolean has(UnitName unit, int machine) {
        return byMachine.get(machine).contains(unit);
    }

    /// The machines where somebody is in conflict with a unit. The unit itself must not be among the occupants.
    BitSet conflictsOf(UnitName unit) {
        var machines = new BitSet();
        for (int glob : rules.of(unit)) {
            or(machines, matched.get(glob));
        }
        for (int glob : rules.matching(unit)) {
            or(machines, holding.get(glob));
        }
        return machines;
    }

    private static void or(BitSet machines, Tally tally) {
        if (tally != null) {
            machines.or(tally.machines);
        }
    }

    /// Who on a machine is in conflict with a unit, by name; never itself.
    ImmutableSortedSet<UnitName> conflictsAt(UnitName unit, int machine) {
        if (!conflictsOf(unit).get(machine)) {
            return ImmutableSortedSet.of();
        }
        var found = new ArrayList<UnitName>();
        for (var other : byMachine.get(machine)) {
            if (!other.equals(unit) && rules.conflict(unit, other)) {
                found.add(other);
            }
        }
        return ImmutableSortedSet.copyOf(found);
    }

    /// How many on each machine.
    private static final class Tally {
        private final BitSet machines = new BitSet();
        private final Map<Integer, Integer> counts = new LinkedHashMap<>();

        void add(int machine, int by) {
            int count = counts.merge(machine, by, Integer::sum);
            machines.set(machine, count > 0);
        }
    }
}
