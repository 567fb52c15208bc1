package io.flota.registry;

import com.google.common.base.Ticker;
import com.google.protobuf.ByteString;
import io.flota.loop.Backoff;
import io.flota.loop.Loop;
import io.flota.loop.World;
import io.flota.store.Entry;
import io.flota.store.Lease;
import io.flota.store.LeaseKeeper;
import io.flota.store.Store;
import io.flota.store.StoreException;
import io.flota.store.Transaction;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.CopyOnWriteArrayList;

/// A lease that is kept by a loop, as the daemons do it, and what its keeper told.
final class KeptLease implements AutoCloseable, LeaseKeeper.Listener {
    private final Store store;
    private final String key;
    private final LeaseKeeper keeper;
    private final Loop loop;
    private final List<String> told = new CopyOnWriteArrayList<>();

    KeptLease(Store store, Duration ttl, String key) {
        this.store = store;
        this.key = key;
        this.keeper = new LeaseKeeper(store, ttl, Ticker.systemTicker(), this);
        var backoff = new Backoff(LeaseKeeper.RETRY, LeaseKeeper.RETRY, new SplittableRandom(7));
        this.loop = new Loop(World.REAL, "lease " + ttl, keeper, backoff).start();
    }

    /// What was told: `held` and `lost` with the lease's id.
    List<String> told() {
        return List.copyOf(told);
    }

    Optional<Lease> lease() {
        return keeper.lease();
    }

    Duration remaining() {
        return keeper.remaining();
    }

    /// Puts the key under the lease that is held.
    void put() throws StoreException {
        store.commit(Transaction.of(
                List.of(), List.of(new Transaction.Put(key, ByteString.EMPTY, lease().orElseThrow().id()))));
    }

    static Optional<Entry> entry(Store store, String key) throws StoreException {
        return Optional.ofNullable(store.read(key).entries().get(key));
    }

    @Override
    public void held(Lease lease) {
        told.add("held " + lease.id());
    }

    @Override
    public void lost(Lease lease, String reason) {
        told.add("lost " + lease.id());
    }

    @Override
    public void close() {
        loop.close();
    }
}
