package io.flota.scheduler.leading;

import io.flota.store.Lease;
import io.flota.store.Outcome;
import io.flota.store.Snapshot;
import io.flota.store.Store;
import io.flota.store.StoreException;
import io.flota.store.Transaction;
import io.flota.store.Watch;
import io.flota.store.WatchListener;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Queue;

/// A way to a store on which writes can be held up: whoever sent them hears nothing, and they land when told to.
final class LateStore implements Store {
    private final Store store;
    private final Queue<Transaction> held = new ArrayDeque<>();
    private boolean holdsNext;

    LateStore(Store store) {
        this.store = store;
    }

    /// Holds up the next write.
    void hold() {
        holdsNext = true;
    }

    void land() throws StoreException {
        for (var transaction = held.poll(); transaction != null; transaction = held.poll()) {
            var _ = store.commit(transaction);
        }
    }

    @Override
    public Outcome commit(Transaction transaction) throws StoreException {
        if (holdsNext) {
            holdsNext = false;
            held.add(transaction);
            throw new StoreException("no answer", true, new IllegalStateException("held up"));
        }
        return store.commit(transaction);
    }

    @Override
    public Snapshot read(String prefix) throws StoreException {
        return store.read(prefix);
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
    public void revoke(Lease lease) throws StoreException {
        store.revoke(lease);
    }

    @Override
    public void close() {
        store.close();
    }
}
