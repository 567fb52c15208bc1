package io.flota.agent;

import com.google.common.collect.ImmutableSortedMap;
import com.google.protobuf.ByteString;
import io.flota.registry.Keys;
import io.flota.store.Entry;
import io.flota.store.Lease;
import io.flota.store.Outcome;
import io.flota.store.Snapshot;
import io.flota.store.Store;
import io.flota.store.StoreException;
import io.flota.store.Transaction;
import io.flota.store.Watch;
import io.flota.store.WatchListener;
import java.time.Duration;
import java.util.TreeMap;

/// Unit files, and nothing else.
final class FilesOnly implements Store {
    private final TreeMap<String, Entry> entries = new TreeMap<>();
    boolean away;
    int reads;

    void put(String hash, ByteString bytes) {
        var key = Keys.DEFAULT.file(hash);
        entries.put(key, new Entry(key, bytes, 1, 1, 0));
    }

    void remove(String hash) {
        entries.remove(Keys.DEFAULT.file(hash));
    }

    @Override
    public Snapshot read(String prefix) throws StoreException {
        reads++;
        if (away) {
            throw new StoreException("cannot reach etcd", false, new IllegalStateException("away"));
        }
        return new Snapshot(1, ImmutableSortedMap.copyOf(entries.subMap(prefix, true, prefix, true)));
    }

    @Override
    public Outcome commit(Transaction transaction) {
        throw new UnsupportedOperationException("files only");
    }

    @Override
    public Watch watch(String prefix, long fromRevision, WatchListener listener) {
        throw new UnsupportedOperationException("files only");
    }

    @Override
    public Lease grant(Duration ttl) {
        throw new UnsupportedOperationException("files only");
    }

    @Override
    public Duration keepAlive(Lease lease) {
        throw new UnsupportedOperationException("files only");
    }

    @Override
    public void revoke(Lease lease) {
        throw new UnsupportedOperationException("files only");
    }

    @Override
    public void close() {}
}
