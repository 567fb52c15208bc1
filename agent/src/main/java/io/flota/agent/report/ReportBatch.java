package io.flota.agent.report;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSortedSet;
import io.flota.registry.Fact.EventFact;
import io.flota.store.Transaction;
import io.flota.unit.UnitName;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;

/// States and events that are written in one transaction.
///
/// @param units whose states are written
record ReportBatch(ImmutableList<UnitName> units, ImmutableList<EventFact> events) {
    /// Leaves room for the unit's state.
    private static final int MOST_OF_ONE_UNIT = Transaction.MAX_OPERATIONS - 1;

    /// As few batches as there can be. A unit's events go with its state, unless they are too many.
    static ImmutableList<ReportBatch> of(ImmutableSortedSet<UnitName> changed, List<EventFact> events) {
        var told = new TreeMap<UnitName, List<EventFact>>();
        changed.forEach(unit -> told.put(unit, new ArrayList<>()));
        events.forEach(event -> told.computeIfAbsent(event.happening().unit().orElseThrow(), _ -> new ArrayList<>())
                .add(event));
        var packing = new Packing();
        told.forEach((unit, some) -> {
            int with = Math.min(some.size(), MOST_OF_ONE_UNIT);
            packing.add(changed.contains(unit) ? List.of(unit) : List.of(), some.subList(0, with));
            some.subList(with, some.size()).forEach(event -> packing.add(List.of(), List.of(event)));
        });
        return packing.done();
    }

    private static final class Packing {
        private final ImmutableList.Builder<ReportBatch> batches = ImmutableList.builder();
        private final ArrayList<UnitName> units = new ArrayList<>();
        private final ArrayList<EventFact> events = new ArrayList<>();

        void add(List<UnitName> someUnits, List<EventFact> someEvents) {
            if (units.size() + events.size() + someUnits.size() + someEvents.size() > Transaction.MAX_OPERATIONS) {
                flush();
            }
            units.addAll(someUnits);
            events.addAll(someEvents);
        }

        ImmutableList<ReportBatch> done() {
            flush();
            return batches.build();
        }

        private void flush() {
            if (!units.isEmpty() || !events.isEmpty()) {
                batches.add(new ReportBatch(ImmutableList.copyOf(units), ImmutableList.copyOf(events)));
            }
            units.clear();
            events.clear();
        }
    }
}
