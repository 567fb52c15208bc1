package io.flota.scheduler.placement;

import java.util.BitSet;
import java.util.TreeMap;

/// How many units each machine carries, kept so that the least loaded of any set is found without counting.
final class Loads {
    private final int[] loads;
    private final TreeMap<Integer, BitSet> machinesByLoad = new TreeMap<>();

    Loads(int machines) {
        loads = new int[machines];
        var all = new BitSet();
        all.set(0, machines);
        machinesByLoad.put(0, all);
    }

    void add(int machine, int units) {
        var from = machinesByLoad.get(loads[machine]);
        from.clear(machine);
        if (from.isEmpty()) {
            machinesByLoad.remove(loads[machine]);
        }
        loads[machine] += units;
        machinesByLoad.computeIfAbsent(loads[machine], _ -> new BitSet()).set(machine);
    }

    /// Of several that carry the same the one with the lowest number.
    ///
    /// @throws IllegalArgumentException if there is none to choose from
    int least(BitSet candidates) {
        for (var machines : machinesByLoad.values()) {
            if (machines.intersects(candidates)) {
                var least = (BitSet) machines.clone();
                least.and(candidates);
                return least.nextSetBit(0);
            }
        }
        throw new IllegalArgumentException("no machine to choose from: " + candidates);
    }
}
