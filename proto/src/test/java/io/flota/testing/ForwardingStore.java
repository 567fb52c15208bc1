package io.flota.testing;

import com.google.common.collect.ImmutableSortedMap;
import io.flota.store.Lease;
import io.flota.store.LeaseLife;
import io.flota.store.Outcome;
import io.flota.store.Snapshot;
import io.flota.store.Store;
import io.flota.store.StoreException;
import io.flota.store.Transaction;
import io.flota.store.Watch;
import io.flota.store.WatchListener;
import java.time.Duration;
import java.util.Collection;

/// Hands every call on to another store, but for what a test overrides.
public abstract class ForwardingStore implements Store {
    private final Store store;

    protected ForwardingStore(Store store) {
        this.store = store;
    }

    @Override
    public Snapshot read(String prefix) throws StoreException {
        return store.read(prefix);
    }

    @Override
    public Outcome commit(Transaction transaction) throws StoreException {
        return store.commit(transaction);
    }

    @Override
    public Watch watch(String prefix, long fromRevision, WatchListener listener) {
        return store.watch(prefix, fromRevision, listener);
    }

    @Override
    public Lease grant(Duration ttl) throws StoreException {
        return store.grant(ttl);
    }

    @Override
    public Duration keepAlive(Lease lease) throws StoreException {
        return store.keepAlive(lease);
    }

    @Override
    public LeaseLife life(long leaseId) throws StoreException {
        return store.life(leaseId);
    }

    @Override
    public ImmutableSortedMap<Long, LeaseLife> lives(Collection<Long> leaseIds) throws StoreException {
        return store.lives(leaseIds);
    }

    @Override
    public void revoke(Lease lease) throws StoreException {
        store.revoke(lease);
    }

    @Override
    public void close() {
        store.close();
    }
}
