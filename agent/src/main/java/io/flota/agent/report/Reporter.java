package io.flota.agent.report;

import com.google.common.base.Stopwatch;
import com.google.common.base.Ticker;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSortedMap;
import com.google.common.collect.ImmutableSortedSet;
import com.google.common.collect.Sets;
import io.flota.loop.Reconciler;
import io.flota.machine.MachineId;
import io.flota.registry.Codec;
import io.flota.registry.Keys;
import io.flota.store.Lease;
import io.flota.store.Store;
import io.flota.store.StoreException;
import io.flota.store.Transaction;
import io.flota.store.Transaction.Delete;
import io.flota.store.Transaction.Write;
import io.flota.unit.UnitName;
import io.flota.unit.UnitState;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;

/// Brings the state keys of this machine to what was reported last, and tells the events that go with them in the same
/// transaction. Everything is written anew under a new lease,
/// since what was published under the old one ends with it.
public final class Reporter implements Reconciler {
    /// What changes within this time of a batch goes with the next one: a hundred units that start together change
    /// several times each.
    private static final Duration BETWEEN_BATCHES = Duration.ofMillis(50);

    private static final Duration REST = Duration.ofMinutes(1);
    /// How soon it is tried again to tell events for which there was no lease.
    private static final Duration UNTOLD = Duration.ofSeconds(5);

    private final Store store;
    private final Keys keys;
    private final Codec codec;
    private final MachineId machine;
    private final Supplier<Optional<Lease>> registration;
    private final UnitEvents events;
    private final AtomicReference<ImmutableSortedMap<UnitName, UnitState>> reported =
            new AtomicReference<>(ImmutableSortedMap.of());

    private long publishedUnder;
    private final TreeMap<UnitName, UnitState> published = new TreeMap<>();
    /// Units whose key may or may not be as we wrote it last.
    private final TreeSet<UnitName> uncertain = new TreeSet<>();
    private final Stopwatch sinceBatch;

    /// @param registration the lease that this machine is registered under at present
    public Reporter(
            Store store,
            Keys keys,
            MachineId machine,
            Supplier<Optional<Lease>> registration,
            UnitEvents events,
            Ticker ticker) {
        this.store = store;
        this.keys = keys;
        this.codec = new Codec(keys);
        this.machine = machine;
        this.registration = registration;
        this.events = events;
        this.sinceBatch = Stopwatch.createUnstarted(ticker);
    }

    /// Sets what is to be published; signal the loop afterwards.
    ///
    /// @return whether it differs from what was reported before
    public boolean report(ImmutableSortedMap<UnitName, UnitState> states) {
        events.see(states);
        return !reported.getAndSet(states).equals(states);
    }

    @Override
    public Duration reconcile() throws StoreException {
        var rest = sinceBatch.isRunning() ? BETWEEN_BATCHES.minus(sinceBatch.elapsed()) : Duration.ZERO;
        if (rest.isPositive()) {
            return rest;
        }
        if (registration.get().isEmpty()) {
            return REST; // signalled once it is registered
        }
        boolean all = flush();
        return all ? events.untilDue().orElse(REST) : UNTOLD;
    }

    /// Publishes now. Called by one thread at a time.
    ///
    /// @return whether nothing is left to be told
    public boolean flush() throws StoreException {
        var lease = registration.get();
        if (lease.isEmpty()) {
            return true;
        }
        if (lease.get().id() != publishedUnder) {
            published.clear();
            uncertain.clear();
            publishedUnder = lease.get().id();
        }
        var states = reported.get();
        var changed = changed(states);
        var untold = events.pending();
        var eventLease = untold.isEmpty() ? Optional.<Lease>empty() : events.lease();
        for (var batch : ReportBatch.of(changed, eventLease.isPresent() ? untold : ImmutableList.of())) {
            publish(batch, states, lease.get(), eventLease);
        }
        if (!changed.isEmpty() || eventLease.isPresent()) {
            sinceBatch.reset().start();
        }
        return untold.isEmpty() || eventLease.isPresent();
    }

    private ImmutableSortedSet<UnitName> changed(ImmutableSortedMap<UnitName, UnitState> states) {
        var changed = new TreeSet<>(uncertain);
        for (var unit : Sets.union(states.keySet(), published.keySet())) {
            if (!Optional.ofNullable(states.get(unit)).equals(Optional.ofNullable(published.get(unit)))) {
                changed.add(unit);
            }
        }
        return ImmutableSortedSet.copyOf(changed);
    }

    private void publish(
            ReportBatch batch,
            ImmutableSortedMap<UnitName, UnitState> states,
            Lease lease,
            Optional<Lease> eventLease)
            throws StoreException {
        uncertain.addAll(batch.units());
        var writes = ImmutableList.<Write>builder();
        batch.units().forEach(unit -> writes.add(write(unit, states, lease)));
        batch.events().forEach(event ->
                writes.add(codec.encode(event.id(), event.happening(), eventLease.orElseThrow().id())));
        try {
            store.commit(Transaction.of(List.of(), writes.build()));
        } catch (StoreException e) {
            if (!batch.events().isEmpty()) {
                events.doubtLease();
            }
            throw e;
        }
        events.written(batch.events());
        for (var unit : batch.units()) {
            uncertain.remove(unit);
            published.remove(unit);
            if (states.containsKey(unit)) {
                published.put(unit, states.get(unit));
            }
        }
    }

    private Write write(UnitName unit, ImmutableSortedMap<UnitName, UnitState> states, Lease lease) {
        var state = states.get(unit);
        return state == null
                ? new Delete(keys.state(machine, unit))
                : codec.encode(machine, unit, state, lease.id());
    }
}
