package io.flota.agent.report;

import com.google.common.base.Stopwatch;
import com.google.common.base.Ticker;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSortedMap;
import com.google.common.collect.Lists;
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
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;

/// Brings the state keys of this machine to what was reported last. Everything is written anew under a new lease,
/// since what was published under the old one ends with it.
///
/// A unit that changes all the time is published ever more rarely, at its own [Pace], and its last state in the end. What
/// answers another placement or generation than before is published at once: somebody waits for it.
public final class Reporter implements Reconciler {
    /// What changes within this time of a batch goes with the next one: a hundred units that start together change
    /// several times each.
    private static final Duration BETWEEN_BATCHES = Duration.ofMillis(50);

    private static final Duration REST = Duration.ofMinutes(1);

    private final Store store;
    private final Keys keys;
    private final Codec codec;
    private final MachineId machine;
    private final Supplier<Optional<Lease>> registration;
    private final AtomicReference<ImmutableSortedMap<UnitName, UnitState>> reported =
            new AtomicReference<>(ImmutableSortedMap.of());

    private long publishedUnder;
    private final TreeMap<UnitName, UnitState> published = new TreeMap<>();
    /// Units whose key may or may not be as we wrote it last.
    private final TreeSet<UnitName> uncertain = new TreeSet<>();
    private final TreeMap<UnitName, Pace> paces = new TreeMap<>();
    private final Ticker ticker;
    private final Stopwatch sinceBatch;

    /// @param registration the lease that this machine is registered under at present
    public Reporter(
            Store store, Keys keys, MachineId machine, Supplier<Optional<Lease>> registration, Ticker ticker) {
        this.store = store;
        this.keys = keys;
        this.codec = new Codec(keys);
        this.machine = machine;
        this.registration = registration;
        this.ticker = ticker;
        this.sinceBatch = Stopwatch.createUnstarted(ticker);
    }

    /// Sets what is to be published; signal the loop afterwards.
    ///
    /// @return whether it differs from what was reported before
    public boolean report(ImmutableSortedMap<UnitName, UnitState> states) {
        return !reported.getAndSet(states).equals(states);
    }

    @Override
    public Duration reconcile() throws StoreException {
        var rest = sinceBatch.isRunning() ? BETWEEN_BATCHES.minus(sinceBatch.elapsed()) : Duration.ZERO;
        if (rest.isPositive()) {
            return rest;
        }
        return publish(true);
    }

    /// Publishes all of it now. Called by one thread at a time.
    public void flush() throws StoreException {
        var _ = publish(false);
    }

    /// @param paced whether units that change all the time have to wait
    /// @return until the first of them is due
    private Duration publish(boolean paced) throws StoreException {
        var lease = registration.get();
        if (lease.isEmpty()) {
            return REST;
        }
        if (lease.get().id() != publishedUnder) {
            published.clear();
            uncertain.clear();
            publishedUnder = lease.get().id();
        }
        var states = reported.get();
        paces.keySet().retainAll(states.keySet());
        long now = ticker.read();
        var changed = new ArrayList<UnitName>();
        var rest = REST;
        for (var unit : changed(states)) {
            var wait = paced ? wait(unit, states, now) : Duration.ZERO;
            if (!wait.isPositive()) {
                changed.add(unit);
            } else if (wait.compareTo(rest) < 0) {
                rest = wait;
            }
        }
        for (var batch : Lists.partition(changed, Transaction.MAX_OPERATIONS)) {
            publish(batch, states, lease.get());
        }
        if (!changed.isEmpty()) {
            sinceBatch.reset().start();
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

    private ImmutableList<UnitName> changed(ImmutableSortedMap<UnitName, UnitState> states) {
        var changed = new TreeSet<>(uncertain);
        for (var unit : Sets.union(states.keySet(), published.keySet())) {
            if (!Optional.ofNullable(states.get(unit)).equals(Optional.ofNullable(published.get(unit)))) {
                changed.add(unit);
            }
        }
        return ImmutableList.copyOf(changed);
    }

    private void publish(List<UnitName> batch, ImmutableSortedMap<UnitName, UnitState> states, Lease lease)
            throws StoreException {
        uncertain.addAll(batch);
        var writes = batch.stream().map(unit -> write(unit, states, lease)).toList();
        store.commit(Transaction.of(List.of(), writes));
        for (var unit : batch) {
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
