package io.flota.registry;

import com.google.common.collect.ImmutableList;
import io.flota.store.Transaction;
import io.flota.store.Transaction.Condition;
import io.flota.store.Transaction.Delete;
import io.flota.store.Transaction.Put;
import io.flota.store.Transaction.Write;
import java.util.List;
import java.util.TreeMap;

/// Packs changes into as few transactions as etcd's limits allow, in order.
final class Batches {
    /// etcd refuses a request of 1.5 MiB.
    private static final int MAX_BYTES = 1 << 20;

    /// What happens together or not at all.
    record Change(ImmutableList<Condition> conditions, ImmutableList<Write> writes) {
        static Change of(List<Condition> conditions, List<Write> writes) {
            return new Change(ImmutableList.copyOf(conditions), ImmutableList.copyOf(writes));
        }
    }

    private final ImmutableList<Condition> always;
    private final ImmutableList.Builder<Transaction> packed = ImmutableList.builder();
    private final TreeMap<String, Write> writes = new TreeMap<>();
    private final TreeMap<String, Condition> conditions = new TreeMap<>();

    private Batches(ImmutableList<Condition> always) {
        this.always = always;
    }

    /// @param always conditions of every transaction
    static ImmutableList<Transaction> of(ImmutableList<Condition> always, List<Change> changes) {
        var batches = new Batches(always);
        changes.forEach(batches::add);
        batches.flush();
        return batches.packed.build();
    }

    private void add(Change change) {
        if (!fits(change)) {
            flush();
        }
        change.writes().forEach(write -> writes.put(write.key(), write));
        change.conditions().forEach(condition -> conditions.put(condition.key(), condition));
    }

    private boolean fits(Change change) {
        return isConsistentWith(change) && staysWithinLimits(change);
    }

    /// Two changes may write the same file; but if they differ in what they find or make of a key, they are meant to
    /// happen one after the other.
    private boolean isConsistentWith(Change change) {
        return change.writes().stream().allMatch(write -> writes.getOrDefault(write.key(), write).equals(write))
                && change.conditions().stream()
                        .allMatch(one -> conditions.getOrDefault(one.key(), one).equals(one));
    }

    private boolean staysWithinLimits(Change change) {
        var all = new TreeMap<>(writes);
        change.writes().forEach(write -> all.put(write.key(), write));
        int conditionsThen = always.size() + conditions.size() + change.conditions().size();
        return all.size() <= Transaction.MAX_OPERATIONS
                && conditionsThen <= Transaction.MAX_OPERATIONS
                && all.values().stream().mapToLong(Batches::bytes).sum() <= MAX_BYTES;
    }

    private void flush() {
        if (!writes.isEmpty()) {
            var all = ImmutableList.<Condition>builder().addAll(always).addAll(conditions.values());
            packed.add(new Transaction(all.build(), ImmutableList.copyOf(writes.values())));
        }
        writes.clear();
        conditions.clear();
    }

    private static long bytes(Write write) {
        return switch (write) {
            case Put(String key, var value, _) -> key.length() + value.size();
            case Delete(String key) -> key.length();
        };
    }
}
