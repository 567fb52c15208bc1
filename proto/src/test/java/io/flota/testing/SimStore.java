package io.flota.testing;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSortedMap;
import io.flota.store.Entry;
import io.flota.store.Lease;
import io.flota.store.LeaseLife;
import io.flota.store.Outcome;
import io.flota.store.Snapshot;
import io.flota.store.Store;
import io.flota.store.StoreException;
import io.flota.store.Transaction;
import io.flota.store.Watch;
import io.flota.store.WatchListener;
import io.flota.store.WatchListener.Deleted;
import io.flota.store.WatchListener.Event;
import io.flota.store.WatchListener.Written;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;

/// A store in memory that behaves as etcd does, for one thread, with time and failures on demand.
///
/// Watches speak when told to by [#deliver]. Time passes by [#pass] only. What can go wrong: the whole store is away
/// ([#goAway]), an answer is lost ([#loseNextAnswer]), watches break ([#breakWatches]), history is compacted
/// ([#compact]); and a single client is cut off ([#connect], [SimConnection#cut]).
public final class SimStore implements Store {
    private static final Duration SHORTEST_LEASE = Duration.ofSeconds(2);

    private static final class LivingLease {
        private final Lease lease;
        private Duration deadline;

        LivingLease(Lease lease, Duration deadline) {
            this.lease = lease;
            this.deadline = deadline;
        }
    }

    private final TreeMap<String, Entry> entries = new TreeMap<>();
    private final TreeMap<Long, ImmutableList<Event>> history = new TreeMap<>();
    private final TreeMap<Long, LivingLease> leases = new TreeMap<>();
    private final List<SimWatch> watches = new ArrayList<>();
    private long revision = 1;
    private long compacted;
    private long lastLease = 100;
    private Duration now = Duration.ZERO;
    private Optional<String> away = Optional.empty();
    private boolean losesNextAnswer;
    private Optional<WatchListener> witness = Optional.empty();

    /// A connection of its own for one client, which can be cut without the others noticing.
    public SimConnection connect() {
        return new SimConnection(this);
    }

    /// Hears of every change as it is made, whether or not the store can be reached.
    public void witness(WatchListener onlooker) {
        witness = Optional.of(onlooker);
    }

    @Override
    public Snapshot read(String prefix) throws StoreException {
        reach("read " + prefix);
        return peek(prefix);
    }

    /// What is there, whether or not it can be reached.
    public Snapshot peek(String prefix) {
        var found = ImmutableSortedMap.<String, Entry>naturalOrder();
        for (var entry : entries.tailMap(prefix).values()) {
            if (!entry.key().startsWith(prefix)) {
                break;
            }
            found.put(entry.key(), entry);
        }
        return new Snapshot(revision, found.build());
    }

    @Override
    public Outcome commit(Transaction transaction) throws StoreException {
        reach("write " + transaction.writes().size() + " keys");
        check(transaction.writes());
        boolean holds = transaction.conditions().stream().allMatch(this::holds);
        if (holds) {
            apply(transaction.writes());
        }
        if (losesNextAnswer) {
            losesNextAnswer = false;
            throw new StoreException(
                    "cannot write " + transaction.writes().size() + " keys: the answer was lost", true, new Exception("simulated"));
        }
        return new Outcome(holds, revision);
    }

    @Override
    public Watch watch(String prefix, long fromRevision, WatchListener listener) {
        var watch = new SimWatch(prefix, fromRevision, listener);
        watches.add(watch);
        away.ifPresent(watch::breakOff);
        return watch;
    }

    @Override
    public Lease grant(Duration ttl) throws StoreException {
        reach("get a lease");
        var seconds = Duration.ofSeconds(ttl.plusSeconds(1).minusNanos(1).toSeconds());
        var granted = seconds.compareTo(SHORTEST_LEASE) < 0 ? SHORTEST_LEASE : seconds;
        var lease = new Lease(++lastLease, granted);
        leases.put(lease.id(), new LivingLease(lease, now.plus(granted)));
        return lease;
    }

    @Override
    public Duration keepAlive(Lease lease) throws StoreException {
        reach("keep lease " + lease.id());
        var living = Optional.ofNullable(leases.get(lease.id()));
        living.ifPresent(one -> one.deadline = now.plus(one.lease.ttl()));
        return living.map(one -> one.lease.ttl()).orElse(Duration.ZERO);
    }

    @Override
    public LeaseLife life(long leaseId) throws StoreException {
        reach("ask for lease " + leaseId);
        return Optional.ofNullable(leases.get(leaseId))
                .map(one -> new LeaseLife(
                        one.lease.ttl(), Duration.ofSeconds(one.deadline.minus(now).toSeconds())))
                .orElse(LeaseLife.ENDED);
    }

    @Override
    public void revoke(Lease lease) throws StoreException {
        reach("revoke lease " + lease.id());
        end(lease.id());
    }

    @Override
    public void close() {
        breakWatches("the store is closed");
    }

    /// Lets time pass: leases that nobody kept end, in the order of their deadlines. While the store is away none does.
    public void pass(Duration time) {
        now = now.plus(time);
        if (away.isPresent()) {
            return;
        }
        leases.values().stream()
                .filter(living -> living.deadline.compareTo(now) <= 0)
                .sorted((a, b) -> a.deadline.compareTo(b.deadline))
                .map(living -> living.lease.id())
                .toList()
                .forEach(this::end);
    }

    /// Tells every watch what it has not heard yet.
    ///
    /// @return whether any of them had something to hear
    public boolean deliver() {
        boolean told = false;
        for (var watch : List.copyOf(watches)) {
            told |= watch.deliver();
        }
        return told;
    }

    /// As the last write left it.
    public long revision() {
        return revision;
    }

    /// Another member leads from now on: it lets all leases begin anew, since it does not know how old they are.
    public void changeLeader() {
        leases.values().forEach(living -> living.deadline = now.plus(living.lease.ttl()));
    }

    /// What was before this revision cannot be watched any more.
    public void compact(long upTo) {
        compacted = upTo;
        history.headMap(upTo).clear();
    }

    public void breakWatches(String reason) {
        List.copyOf(watches).forEach(watch -> watch.breakOff(reason));
    }

    /// From now on every call fails, and all watches are broken.
    public void goAway(String reason) {
        away = Optional.of(reason);
        breakWatches(reason);
    }

    /// Calls work again. Leases begin their life anew, as they do when etcd starts.
    public void comeBack() {
        away = Optional.empty();
        changeLeader();
    }

    /// The next transaction is done or refused, but whoever asked for it hears that its outcome is unknown.
    public void loseNextAnswer() {
        losesNextAnswer = true;
    }

    private void reach(String what) throws StoreException {
        if (away.isPresent()) {
            throw new StoreException("cannot " + what + ": " + away.get());
        }
    }

    private void check(List<Transaction.Write> writes) throws StoreException {
        var keys = new HashSet<String>();
        for (var write : writes) {
            if (!keys.add(write.key())) {
                throw new StoreException("cannot write " + write.key() + ": duplicate key given in txn request");
            }
            if (write instanceof Transaction.Put(_, _, long lease) && lease != 0 && !leases.containsKey(lease)) {
                throw new StoreException("cannot write " + write.key() + ": requested lease not found");
            }
        }
    }

    private boolean holds(Transaction.Condition condition) {
        var entry = Optional.ofNullable(entries.get(condition.key()));
        return switch (condition) {
            case Transaction.Absent _ -> entry.isEmpty();
            case Transaction.Unchanged(_, long at) -> entry.filter(one -> one.modRevision() == at).isPresent();
            case Transaction.SameLife(_, long at) -> entry.filter(one -> one.createRevision() == at).isPresent();
            case Transaction.NotWrittenAfter(_, long at) -> entry.filter(one -> one.modRevision() > at).isEmpty();
        };
    }

    private void apply(List<Transaction.Write> writes) {
        long next = revision + 1;
        var events = ImmutableList.<Event>builder();
        for (var write : writes) {
            switch (write) {
                case Transaction.Put(String key, var value, long lease) -> {
                    long created = entries.containsKey(key) ? entries.get(key).createRevision() : next;
                    var entry = new Entry(key, value, created, next, lease);
                    entries.put(key, entry);
                    events.add(new Written(entry));
                }
                case Transaction.Delete(String key) -> {
                    if (entries.containsKey(key)) {
                        entries.remove(key);
                        events.add(new Deleted(key));
                    }
                }
            }
        }
        var happened = events.build();
        if (!happened.isEmpty()) {
            revision = next;
            history.put(next, happened);
            witness.ifPresent(one -> one.changed(next, happened));
        }
    }

    private void end(long lease) {
        leases.remove(lease);
        apply(entries.values().stream()
                .filter(entry -> entry.leaseId() == lease)
                .<Transaction.Write>map(entry -> new Transaction.Delete(entry.key()))
                .toList());
    }

    private final class SimWatch implements Watch {
        private final String prefix;
        private final WatchListener listener;
        private long heard;

        SimWatch(String prefix, long fromRevision, WatchListener listener) {
            this.prefix = prefix;
            this.listener = listener;
            this.heard = fromRevision - 1;
        }

        @Override
        public long revision() {
            return heard;
        }

        @Override
        public void close() {
            watches.remove(this);
        }

        void breakOff(String reason) {
            if (watches.remove(this)) {
                listener.broken(reason);
            }
        }

        boolean deliver() {
            if (heard + 1 < compacted) {
                breakOff("revision " + (heard + 1) + " is compacted, " + compacted + " is the oldest left");
                return true;
            }
            boolean told = false;
            while (heard < revision && watches.contains(this)) {
                heard++;
                var events = history.getOrDefault(heard, ImmutableList.of()).stream()
                        .filter(event -> event.key().startsWith(prefix))
                        .collect(ImmutableList.toImmutableList());
                if (!events.isEmpty()) {
                    told = true;
                    listener.changed(heard, events);
                }
            }
            return told;
        }
    }
}
