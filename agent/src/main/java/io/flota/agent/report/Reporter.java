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
import io.flota.store.Transaction.Unchanged;
import io.flota.store.Transaction.Write;
import io.flota.unit.UnitName;
import io.flota.unit.UnitState;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.Supplier;

/// Brings the state keys of this machine to what was reported last, and tells the events that go with them in the same
/// transaction. Everything is written anew under a new lease,
/// since what was published under the old one ends with it.
///
/// A unit that changes all the time is published ever more rarely, at its own [Pace], and its last state in the end.
/// What answers another placement or generation than before is published at once: somebody waits for it.
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
    private final Supplier<Optional<Registered>> registration;
    private final Consumer<Registered> doubt;
    private final UnitEvents events;
    private final AtomicReference<ImmutableSortedMap<UnitName, UnitState>> reported =
            new AtomicReference<>(ImmutableSortedMap.of());

    private long publishedUnder;
    private final TreeMap<UnitName, UnitState> published = new TreeMap<>();
    /// Units whose key may or may not be as we wrote it last.
    private final TreeSet<UnitName> uncertain = new TreeSet<>();
    private final TreeMap<UnitName, Pace> paces = new TreeMap<>();
    private final Ticker ticker;
    private final Stopwatch sinceBatch;

    /// @param registration how this machine is registered at present
    /// @param doubt called when a report may come late: none is written until the registration is another one
    public Reporter(
            Store store,
            Keys keys,
            MachineId machine,
            Supplier<Optional<Registered>> registration,
            Consumer<Registered> doubt,
            UnitEvents events,
            Ticker ticker) {
        this.store = store;
        this.keys = keys;
        this.codec = new Codec(keys);
        this.machine = machine;
        this.registration = registration;
        this.doubt = doubt;
        this.ticker = ticker;
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
        return publish(true);
    }

    /// Publishes all of it now. Called by one thread at a time.
    public void flush() throws StoreException {
        var _ = publish(false);
    }

    /// @param paced whether units that change all the time have to wait
    /// @return until something is due next
    private Duration publish(boolean paced) throws StoreException {
        var base = registration.get();
        if (base.isEmpty()) {
            return REST;
        }
        if (base.get().lease().id() != publishedUnder) {
            published.clear();
            uncertain.clear();
            publishedUnder = base.get().lease().id();
        }
        var states = reported.get();
        var changed = new TreeSet<UnitName>();
        var rest = due(paced, states, changed);
        var untold = events.pending();
        var eventLease = untold.isEmpty() ? Optional.<Lease>empty() : events.lease();
        for (var batch : ReportBatch.of(
                ImmutableSortedSet.copyOfSorted(changed), eventLease.isPresent() ? untold : ImmutableList.of())) {
            publish(batch, states, base.get(), eventLease);
        }
        if (!changed.isEmpty() || eventLease.isPresent()) {
            sinceBatch.reset().start();
        }
        if (!untold.isEmpty() && eventLease.isEmpty()) {
            return UNTOLD.compareTo(rest) < 0 ? UNTOLD : rest;
        }
        return events.untilDue().filter(until -> until.compareTo(rest) < 0).orElse(rest);
    }

    /// @param due takes the units that are to be published now
    /// @return until the first of the others is due
    private Duration due(
            boolean paced, ImmutableSortedMap<UnitName, UnitState> states, TreeSet<UnitName> due) {
        paces.keySet().retainAll(states.keySet());
        long now = ticker.read();
        var rest = REST;
        for (var unit : changed(states)) {
            var wait = paced ? wait(unit, states, now) : Duration.ZERO;
            if (!wait.isPositive()) {
                due.add(unit);
            } else if (wait.compareTo(rest) < 0) {
                rest = wait;
            }
        }
        return rest;
    }

    private Duration wait(UnitName unit, ImmutableSortedMap<UnitName, UnitState> states, long now) {
        var state = states.get(unit);
        var before = published.get(unit);
        boolean atOnce = state == null || before == null || uncertain.contains(unit) || answersAnother(before, state);
        return atOnce ? Duration.ZERO : paceOf(unit).rest(state, now);
    }

    private static boolean answersAnother(UnitState before, UnitState state) {
        return !before.placementId().equals(state.placementId()) || before.generation() != state.generation();
    }

    private Pace paceOf(UnitName unit) {
        return paces.computeIfAbsent(unit, _ -> new Pace());
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
            Registered base,
            Optional<Lease> eventLease)
            throws StoreException {
        uncertain.addAll(batch.units());
        var writes = ImmutableList.<Write>builder();
        batch.units().forEach(unit -> writes.add(write(unit, states, base.lease())));
        batch.events().forEach(event ->
                writes.add(codec.encode(event.id(), event.happening(), eventLease.orElseThrow().id())));
        try {
            var outcome = store.commit(Transaction.of(
                    List.of(new Unchanged(keys.machine(machine), base.written())), writes.build()));
            if (!outcome.committed()) {
                doubt.accept(base);
                throw new StoreException("this machine's key is not as it was when its units were to be reported");
            }
        } catch (StoreException e) {
            if (e.outcomeUnknown()) {
                doubt.accept(base);
            }
            if (!batch.events().isEmpty()) {
                events.doubtLease();
            }
            throw e;
        }
        events.written(batch.events());
        for (var unit : batch.units()) {
            uncertain.remove(unit);
            var before = published.remove(unit);
            if (states.containsKey(unit)) {
                published.put(unit, states.get(unit));
                if (before != null && answersAnother(before, states.get(unit))) {
                    paces.remove(unit);
                }
                paceOf(unit).tell(ticker.read());
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
