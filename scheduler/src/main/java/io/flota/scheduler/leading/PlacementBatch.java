package io.flota.scheduler.leading;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.Iterables;
import io.flota.machine.MachineId;
import io.flota.registry.Codec;
import io.flota.registry.Fact.PlacementFact;
import io.flota.registry.Keys;
import io.flota.scheduler.cluster.RegisteredUnit;
import io.flota.scheduler.election.Leadership;
import io.flota.scheduler.placement.Decision;
import io.flota.scheduler.placement.Decision.Move;
import io.flota.scheduler.placement.Decision.Place;
import io.flota.scheduler.placement.Decision.Release;
import io.flota.scheduler.placement.Decision.Remove;
import io.flota.scheduler.placement.Decision.Update;
import io.flota.scheduler.placement.Decision.Wait;
import io.flota.store.Transaction;
import io.flota.store.Transaction.Absent;
import io.flota.store.Transaction.Condition;
import io.flota.store.Transaction.Delete;
import io.flota.store.Transaction.Unchanged;
import io.flota.store.Transaction.Write;
import io.flota.unit.DesiredState;
import io.flota.unit.Placement;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;

/// As many decisions as one transaction takes. They come to be only if we still lead, and if the units and placements
/// are as they were when they were decided on.
record PlacementBatch(ImmutableList<Decision> decisions, Transaction transaction) {
    /// All decisions that write something, in their order.
    ///
    /// @param ids a new placement id each time
    static ImmutableList<PlacementBatch> of(
            Keys keys, Leadership leadership, List<Decision> decisions, Supplier<String> ids) {
        var batches = ImmutableList.<PlacementBatch>builder();
        var builder = new Builder(keys, leadership, ids);
        for (var decision : decisions) {
            if (!builder.add(decision)) {
                batches.add(builder.build());
                builder = new Builder(keys, leadership, ids);
                builder.add(decision);
            }
        }
        if (!builder.decisions.isEmpty()) {
            batches.add(builder.build());
        }
        return batches.build();
    }

    private static final class Builder {
        private final Keys keys;
        private final Codec codec;
        private final Supplier<String> ids;
        private final List<Decision> decisions = new ArrayList<>();
        private final Set<Condition> conditions = new LinkedHashSet<>();
        private final List<Write> writes = new ArrayList<>();

        Builder(Keys keys, Leadership leadership, Supplier<String> ids) {
            this.keys = keys;
            this.codec = new Codec(keys);
            this.ids = ids;
            conditions.add(leadership.holds(keys));
        }

        PlacementBatch build() {
            return new PlacementBatch(ImmutableList.copyOf(decisions), Transaction.of(List.copyOf(conditions), writes));
        }

        /// @return whether there was room for it
        boolean add(Decision decision) {
            return switch (decision) {
                case Place(var unit, var machine, var reason) ->
                    add(
                            decision,
                            List.of(unchanged(unit), new Absent(keys.placement(machine, unit.name()))),
                            List.of(put(unit, machine, reason)));
                case Move(var unit, var from, var to, var reason) ->
                    add(
                            decision,
                            List.of(unchanged(unit), unchanged(from), new Absent(keys.placement(to, unit.name()))),
                            List.of(new Delete(key(from)), put(unit, to, reason)));
                case Update(var unit, var placement, var _) ->
                    // Why the unit is there has not changed.
                    add(
                            decision,
                            List.of(unchanged(unit), unchanged(placement)),
                            List.of(put(
                                    unit,
                                    placement.placement().machine(),
                                    placement.placement().reason())));
                case Release(var placement, var reason) ->
                    add(decision, List.of(unchanged(placement)), List.of(released(placement.placement(), reason)));
                case Remove(var placement, var _) ->
                    add(decision, List.of(unchanged(placement)), List.of(new Delete(key(placement))));
                case Wait _ -> true;
            };
        }

        private boolean add(Decision decision, List<Condition> ifSo, List<Write> then) {
            long newConditions = ifSo.stream().filter(condition -> !conditions.contains(condition)).count();
            if (conditions.size() + newConditions > Transaction.MAX_OPERATIONS
                    || writes.size() + then.size() > Transaction.MAX_OPERATIONS) {
                return false;
            }
            decisions.add(decision);
            Iterables.addAll(conditions, ifSo);
            Iterables.addAll(writes, then);
            return true;
        }

        private Condition unchanged(RegisteredUnit unit) {
            return new Unchanged(keys.unit(unit.name()), unit.modRevision());
        }

        private Condition unchanged(PlacementFact placement) {
            return new Unchanged(key(placement), placement.modRevision());
        }

        private String key(PlacementFact placement) {
            return keys.placement(placement.placement().machine(), placement.placement().unit());
        }

        private Write put(RegisteredUnit registered, MachineId machine, String reason) {
            var unit = registered.unit();
            return codec.encode(new Placement(
                    machine, unit.name(), unit.fileHash(), unit.desired(), unit.generation(), ids.get(), reason));
        }

        private Write released(Placement placement, String reason) {
            return codec.encode(new Placement(
                    placement.machine(),
                    placement.unit(),
                    placement.fileHash(),
                    DesiredState.INACTIVE,
                    placement.generation(),
                    ids.get(),
                    reason));
        }
    }
}
