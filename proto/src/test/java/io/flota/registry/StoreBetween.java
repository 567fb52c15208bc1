package io.flota.registry;

import io.flota.store.Snapshot;
import io.flota.store.Store;
import io.flota.store.StoreException;
import io.flota.testing.ForwardingStore;
import java.util.Optional;

/// A store in which somebody else does something right after a certain read.
final class StoreBetween extends ForwardingStore {
    interface Act {
        void run() throws StoreException;
    }

    private String prefix = "";
    private int countdown;
    private Optional<Act> act = Optional.empty();

    StoreBetween(Store store) {
        super(store);
    }

    /// @param nth which of the reads of this prefix, from 1
    void afterRead(String prefix, int nth, Act act) {
        this.prefix = prefix;
        this.countdown = nth;
        this.act = Optional.of(act);
    }

    @Override
    public Snapshot read(String prefix) throws StoreException {
        var snapshot = super.read(prefix);
        if (prefix.equals(this.prefix) && --countdown == 0) {
            act.orElseThrow().run();
        }
        return snapshot;
    }
}
