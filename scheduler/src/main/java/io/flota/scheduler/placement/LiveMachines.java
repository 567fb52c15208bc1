package io.flota.scheduler.placement;

import com.google.common.collect.TreeBasedTable;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.Table;
import io.flota.machine.Machine;
import io.flota.machine.MachineId;
import io.flota.scheduler.cluster.Cluster;
import java.util.BitSet;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalInt;

/// The machines that are there, numbered from 0 in the order of their ids, so that sets of them are sets of bits: a
/// rule looks at 64 machines at once. Sets that are returned belong to the caller.
final class LiveMachines {
    private final ImmutableList<MachineId> ids;
    private final ImmutableList<Machine> machines;
    private final Map<String, BitSet> byName = new LinkedHashMap<>();
    private final Table<String, String, BitSet> byMetadata = TreeBasedTable.create();

    LiveMachines(Cluster cluster) {
        ids = cluster.machines().keySet().asList();
        machines = cluster.machines().values().stream()
                .map(machine -> machine.under(cluster.policyOf(machine.id())))
                .collect(ImmutableList.toImmutableList());
        for (int number = 0; number < machines.size(); number++) {
            byName.computeIfAbsent(ids.get(number).value(), _ -> new BitSet()).set(number);
            byName.computeIfAbsent(ids.get(number).shortened(), _ -> new BitSet()).set(number);
            for (var entry : machines.get(number).metadata().entrySet()) {
                var having = byMetadata.get(entry.getKey(), entry.getValue());
                if (having == null) {
                    having = new BitSet();
                    byMetadata.put(entry.getKey(), entry.getValue(), having);
                }
                having.set(number);
            }
        }
    }

    int count() {
        return ids.size();
    }

    /// A machine with the metadata that counts.
    Machine get(int number) {
        return machines.get(number);
    }

    MachineId id(int number) {
        return ids.get(number);
    }

    /// Empty for a machine that is not there.
    OptionalInt number(MachineId id) {
        int number = Collections.binarySearch(ids, id);
        return number < 0 ? OptionalInt.empty() : OptionalInt.of(number);
    }

    BitSet all() {
        var all = new BitSet();
        all.set(0, ids.size());
        return all;
    }

    /// The machines for which a key has one of these values.
    BitSet having(String key, Collection<String> values) {
        var having = new BitSet();
        for (var value : values) {
            var some = byMetadata.get(key, value);
            if (some != null) {
                having.or(some);
            }
        }
        return having;
    }

    /// The machines that an option `MachineID=` means: by the full id, or its first eight digits.
    BitSet named(String idOrShort) {
        return (BitSet) byName.getOrDefault(idOrShort, new BitSet()).clone();
    }
}
