package io.flota.store;

import com.google.common.collect.ImmutableSortedMap;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.function.Consumer;

/// A store that tells which of its calls fail.
public final class MeteredStore implements Store {
    /// What it calls them.
    public static final List<String> CALLS = List.of("read", "commit", "grant", "renew", "revoke");

    private interface Call<A> {
        A ask() throws StoreException;
    }

    private final Store store;
    private final Consumer<String> failed;

    /// @param failed called by whoever calls the store; must not block
    public MeteredStore(Store store, Consumer<String> failed) {
        this.store = store;
        this.failed = failed;
    }

    @Override
    public Snapshot read(String prefix) throws StoreException {
        return metered("read", () -> store.read(prefix));
    }

    @Override
    public Snapshot read(List<KeyRange> ranges, int most) throws StoreException {
        return metered("read", () -> store.read(ranges, most));
    }

    @Override
    public Outcome commit(Transaction transaction) throws StoreException {
        return metered("commit", () -> store.commit(transaction));
    }

    @Override
    public Watch watch(String prefix, long fromRevision, WatchListener listener) {
        return store.watch(prefix, fromRevision, listener);
    }

    @Override
    public Lease grant(Duration ttl) throws StoreException {
        return metered("grant", () -> store.grant(ttl));
    }

    @Override
    public Duration keepAlive(Lease lease) throws StoreException {
        return metered("renew", () -> store.keepAlive(lease));
    }

    @Override
    public LeaseLife life(long leaseId) throws StoreException {
        return metered("read", () -> store.life(leaseId));
    }

    @Override
    public ImmutableSortedMap<Long, LeaseLife> lives(Collection<Long> leaseIds) throws StoreException {
        return metered("read", () -> store.lives(leaseIds));
    }

    @Override
    public void revoke(Lease lease) throws StoreException {
        var _ = metered("revoke", () -> {
            store.revoke(lease);
            return lease;
        });
    }

    @Override
    public void close() {
        store.close();
    }

    private <A> A metered(String what, Call<A> call) throws StoreException {
        try {
            return call.ask();
        } catch (StoreException e) {
            failed.accept(what);
            throw e;
        }
    }
}
