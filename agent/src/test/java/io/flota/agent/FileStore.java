package io.flota.agent;

import com.google.protobuf.ByteString;
import io.flota.registry.Keys;
import io.flota.store.Snapshot;
import io.flota.store.StoreException;
import io.flota.store.Transaction;
import io.flota.store.Transaction.Delete;
import io.flota.store.Transaction.Put;
import io.flota.store.Transaction.Write;
import io.flota.testing.ForwardingStore;
import io.flota.testing.SimStore;
import java.util.List;

/// A store of unit files that counts how often it is read, and can be away.
final class FileStore extends ForwardingStore {
    boolean away;
    int reads;

    FileStore() {
        super(new SimStore());
    }

    void put(String hash, ByteString bytes) {
        write(new Put(Keys.DEFAULT.file(hash), bytes, 0));
    }

    void remove(String hash) {
        write(new Delete(Keys.DEFAULT.file(hash)));
    }

    private void write(Write write) {
        try {
            var _ = commit(Transaction.of(List.of(), List.of(write)));
        } catch (StoreException e) {
            throw new AssertionError(e);
        }
    }

    @Override
    public Snapshot read(String prefix) throws StoreException {
        reads++;
        if (away) {
            throw new StoreException("cannot reach etcd", false, new IllegalStateException("away"));
        }
        return super.read(prefix);
    }
}
