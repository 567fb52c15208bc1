package io.flota.scheduler.leading;

import io.flota.store.Outcome;
import io.flota.store.Store;
import io.flota.store.StoreException;
import io.flota.store.Transaction;
import io.flota.testing.ForwardingStore;
import java.util.ArrayDeque;
import java.util.Queue;

/// A way to a store on which a write can be held up: whoever sent it hears nothing, and it lands when told to.
final class LateStore extends ForwardingStore {
    private final Queue<Transaction> held = new ArrayDeque<>();
    private boolean holdsNext;

    LateStore(Store store) {
        super(store);
    }

    /// Holds up the next write.
    void hold() {
        holdsNext = true;
    }

    void land() throws StoreException {
        for (var transaction = held.poll(); transaction != null; transaction = held.poll()) {
            var _ = super.commit(transaction);
        }
    }

    @Override
    public Outcome commit(Transaction transaction) throws StoreException {
        if (holdsNext) {
            holdsNext = false;
            held.add(transaction);
            throw new StoreException("no answer", true, new IllegalStateException("held up"));
        }
        return super.commit(transaction);
    }
}
