package io.flota.store;

import com.google.common.base.Strings;
import com.google.common.collect.ImmutableSortedMap;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.TreeMap;

/// The four verbs that Flota needs of etcd: read, commit, watch, lease. Everything above it is the same in
/// production and in the simulation.
///
/// Calls block, on a virtual thread as a rule, and end within a deadline of the implementation. A store never
/// repeats a write by itself.
public interface Store extends AutoCloseable {
    /// All keys that start with the prefix, as they stood at one revision. An exact key is a prefix too.
    Snapshot read(String prefix) throws StoreException;

    /// The keys of some ranges that do not overlap, as they stood at one revision: of each range at most so many, from
    /// its beginning. For when the rest would be too much; a store that is not asked for much need not know better.
    ///
    /// @param ranges at least one
    default Snapshot read(List<KeyRange> ranges, int most) throws StoreException {
        var prefix = ranges.stream().map(KeyRange::prefix).reduce(Strings::commonPrefix).orElseThrow();
        var all = read(prefix);
        var kept = ImmutableSortedMap.<String, Entry>naturalOrder();
        for (var range : ranges) {
            all.entries().subMap(range.from(), range.to()).entrySet().stream().limit(most).forEach(kept::put);
        }
        return new Snapshot(all.revision(), kept.build());
    }

    /// Writes all of a transaction or, if one of its conditions does not hold, nothing.
    ///
    /// @throws StoreException with an unknown outcome when it may or may not have been written: read back
    Outcome commit(Transaction transaction) throws StoreException;

    /// Tells the listener of every change under the prefix from the given revision on, in order, all changes of
    /// one revision together, until the watch is closed or [WatchListener#broken] was called, which is final.
    Watch watch(String prefix, long fromRevision, WatchListener listener);

    /// A new lease. The store may grant a longer life than asked for, never a shorter one.
    Lease grant(Duration ttl) throws StoreException;

    /// Renews a lease and returns how long it now lives, counted from before the call; zero if it had ended already.
    Duration keepAlive(Lease lease) throws StoreException;

    /// How long a lease, anybody's, has still to live; [LeaseLife#ENDED] if it has ended.
    LeaseLife life(long leaseId) throws StoreException;

    /// The same of some leases, a hundred at most, all asked for at once.
    default ImmutableSortedMap<Long, LeaseLife> lives(Collection<Long> leaseIds) throws StoreException {
        var lives = new TreeMap<Long, LeaseLife>();
        for (long leaseId : leaseIds) {
            lives.put(leaseId, life(leaseId));
        }
        return ImmutableSortedMap.copyOfSorted(lives);
    }

    /// Ends a lease, and with it all keys that were put under it. No error if it had ended already.
    void revoke(Lease lease) throws StoreException;

    @Override
    void close();
}
