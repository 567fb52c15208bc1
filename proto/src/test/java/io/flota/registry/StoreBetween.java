package io.flota.registry;

import io.flota.store.Lease;
import io.flota.store.Outcome;
import io.flota.store.Snapshot;
import io.flota.store.Store;
import io.flota.store.StoreException;
import io.flota.store.Transaction;
import io.flota.store.Watch;
import io.flota.store.WatchListener;
import java.time.Duration;
import java.util.Optional;

/// A store in which somebody else does something right after a certain read.
final class StoreBetween implements Store {
    interface Act {
        void run() throws StoreException;
    }

    private final Store store;
    private String prefix = "";
    private int countdown;
    private Optional<Act> act = Optional.empty();

    StoreBetween(Store store) {
        this.store = store;
    }

    /// @param nth which of the reads of this prefix, from 1
    void afterRead(String prefix, int nth, Act act) {
        this.prefix = prefix;
        this.countdown = nth;
        this.act = Optional.of(act);
    }

    @Override
    public Snapshot read(String prefix) throws StoreException {
        var snapshot = store.read(prefix);
        if (prefix.equals(this.prefix) && --countdown == 0) {
            act.orElseThrow().run();
        }
        return snapshot;
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
    public void revoke(Lease lease) throws StoreException {
        store.revoke(lease);
    }

    @Override
    public void close() {
        store.close();
    }
}
