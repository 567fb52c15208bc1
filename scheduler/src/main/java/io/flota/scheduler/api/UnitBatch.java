package io.flota.scheduler.api;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.Lists;
import io.flota.registry.Codec;
import io.flota.registry.Keys;
import io.flota.store.Transaction;
import io.flota.store.Transaction.Absent;
import io.flota.store.Transaction.Condition;
import io.flota.store.Transaction.Delete;
import io.flota.store.Transaction.Put;
import io.flota.store.Transaction.Unchanged;
import io.flota.store.Transaction.Write;
import io.flota.unit.UnitName;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// As many changes of units as one transaction takes.
///
/// A file is written again whenever a unit starts to use it, even if it is there: whoever is about to remove it as
/// unused compares its revision, and so learns that it is in use again.
record UnitBatch(ImmutableList<String> names, Transaction transaction) {
    /// etcd refuses requests above 1.5 MiB; keys and revisions come on top of the values.
    private static final int MAX_BYTES = 1 << 20;

    /// The first changes, in their order: at least one.
    static UnitBatch first(Keys keys, List<UnitChange> changes) {
        var names = ImmutableList.<String>builder();
        var conditions = new ArrayList<Condition>();
        Map<String, Write> writes = new LinkedHashMap<>();
        int bytes = 0;
        for (var change : changes) {
            var its = writes(keys, change).stream()
                    .filter(write -> !writes.containsKey(write.key()))
                    .toList();
            int size = its.stream().mapToInt(write -> write.value().size()).sum();
            boolean full = writes.size() + its.size() > Transaction.MAX_OPERATIONS || bytes + size > MAX_BYTES;
            if (full && !conditions.isEmpty()) {
                break;
            }
            names.add(change.after().name().full());
            conditions.add(condition(keys, change));
            its.forEach(write -> writes.put(write.key(), write));
            bytes += size;
        }
        return new UnitBatch(names.build(), Transaction.of(conditions, List.copyOf(writes.values())));
    }

    static ImmutableList<UnitBatch> removals(Keys keys, List<UnitName> units) {
        return Lists.partition(units, Transaction.MAX_OPERATIONS).stream()
                .map(some -> new UnitBatch(
                        some.stream().map(UnitName::full).collect(ImmutableList.toImmutableList()),
                        Transaction.of(
                                List.of(),
                                some.stream().<Write>map(unit -> new Delete(keys.unit(unit))).toList())))
                .collect(ImmutableList.toImmutableList());
    }

    private static Condition condition(Keys keys, UnitChange change) {
        String key = keys.unit(change.after().name());
        return change.before()
                .<Condition>map(before -> new Unchanged(key, before.modRevision()))
                .orElseGet(() -> new Absent(key));
    }

    private static List<Put> writes(Keys keys, UnitChange change) {
        var codec = new Codec(keys);
        var writes = new ArrayList<Put>();
        change.file().ifPresent(bytes -> writes.add(codec.encode(change.after().fileHash(), bytes)));
        writes.add(codec.encode(change.after()));
        return writes;
    }
}
