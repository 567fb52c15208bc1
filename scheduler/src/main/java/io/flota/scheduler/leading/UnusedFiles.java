package io.flota.scheduler.leading;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.Lists;
import io.flota.registry.Keys;
import io.flota.scheduler.election.Leadership;
import io.flota.scheduler.model.View;
import io.flota.store.Transaction;
import io.flota.store.Transaction.Condition;
import io.flota.store.Transaction.Delete;
import io.flota.store.Transaction.Unchanged;
import io.flota.store.Transaction.Write;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;

/// Finds unit files that no unit and no placement speaks of any more. Whoever takes a file into use writes it again,
/// so one that is unchanged when it is removed is unused still.
final class UnusedFiles {
    /// One condition is the leader's.
    private static final int FILES_PER_TRANSACTION = Transaction.MAX_OPERATIONS - 1;

    private UnusedFiles() {}

    static ImmutableList<Transaction> removals(Keys keys, Leadership leadership, View view) {
        var used = new HashSet<String>();
        var cluster = view.cluster();
        cluster.units().values().forEach(unit -> used.add(unit.unit().fileHash()));
        cluster.placements().values().stream()
                .flatMap(placements -> placements.values().stream())
                .forEach(placed -> used.add(placed.placement().fileHash()));
        var unused = view.fileRevisions().keySet().stream()
                .filter(hash -> !used.contains(hash))
                .toList();
        return Lists.partition(unused, FILES_PER_TRANSACTION).stream()
                .map(some -> removal(keys, leadership, view, some))
                .collect(ImmutableList.toImmutableList());
    }

    private static Transaction removal(Keys keys, Leadership leadership, View view, List<String> hashes) {
        var conditions = new ArrayList<Condition>(List.of(leadership.holds(keys)));
        var writes = new ArrayList<Write>();
        for (String hash : hashes) {
            conditions.add(new Unchanged(keys.file(hash), view.fileRevisions().get(hash)));
            writes.add(new Delete(keys.file(hash)));
        }
        return Transaction.of(conditions, writes);
    }
}
