package io.flota.scheduler.placement;

import com.google.common.collect.ImmutableSortedSet;
import io.flota.unit.Reservation;
import io.flota.unit.UnitName;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/// Units on machines, such that the machines where a given unit would be in conflict are known at once: for each
/// pattern of the cluster, where units are that it matches, and where units are that name it in their `Conflicts=`.
/// What they reserve of each machine is added up.
final class Occupants {
    private final ConflictRules rules;
    private final List<Map<UnitName, Reservation>> byMachine;
    private final Reservation[] reserved;
    private final Map<Integer, Tally> matched = new LinkedHashMap<>();
    private final Map<Integer, Tally> holding = new LinkedHashMap<>();

    Occupants(ConflictRules rules, int machines) {
        this.rules = rules;
        byMachine = IntStream.range(0, machines)
                .<Map<UnitName, Reservation>>mapToObj(_ -> new LinkedHashMap<>())
                .toList();
        reserved = new Reservation[machines];
        Arrays.fill(reserved, Reservation.NONE);
    }

    /// @param reservation what is kept free for it there
    void add(UnitName unit, int machine, Reservation reservation) {
        if (byMachine.get(machine).putIfAbsent(unit, reservation) == null) {
            reserved[machine] = reserved[machine].plus(reservation);
            count(unit, machine, 1);
        }
    }

    /// @return whether it was there
    boolean remove(UnitName unit, int machine) {
        var reservation = byMachine.get(machine).remove(unit);
        if (reservation != null) {
            reserved[machine] = reserved[machine].minus(reservation);
            count(unit, machine, -1);
        }
        return reservation != null;
    }

    /// What all on a machine reserve of it together.
    Reservation reserved(int machine) {
        return reserved[machine];
    }

    /// What one unit reserves of a machine; nothing if it is not there.
    Reservation reserved(UnitName unit, int machine) {
        return byMachine.get(machine).getOrDefault(unit, Reservation.NONE);
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
        return byMachine.get(machine).containsKey(unit);
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
        for (var other : byMachine.get(machine).keySet()) {
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
