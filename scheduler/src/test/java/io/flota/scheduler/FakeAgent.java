package io.flota.scheduler;

import com.google.common.base.Ticker;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSortedMap;
import io.flota.loop.Backoff;
import io.flota.loop.Loop;
import io.flota.loop.World;
import io.flota.machine.Machine;
import io.flota.machine.MachineId;
import io.flota.machine.Resources;
import io.flota.registry.Codec;
import io.flota.registry.Fact.PlacementFact;
import io.flota.registry.Keys;
import io.flota.registry.Mirror;
import io.flota.store.Entry;
import io.flota.store.Lease;
import io.flota.store.LeaseKeeper;
import io.flota.store.Snapshot;
import io.flota.store.Store;
import io.flota.store.StoreException;
import io.flota.store.Transaction;
import io.flota.store.Transaction.Delete;
import io.flota.store.Transaction.Write;
import io.flota.store.WatchListener.Deleted;
import io.flota.store.WatchListener.Event;
import io.flota.store.WatchListener.Written;
import io.flota.unit.DesiredState;
import io.flota.unit.Placement;
import io.flota.unit.UnitState;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.TreeSet;

/// Does in etcd what an agent does, and runs nothing: what is placed on its machine is active at once, or failed for
/// units whose name begins with "bad".
final class FakeAgent implements AutoCloseable {
    private final Store store;
    private final Codec codec;
    private final Keys keys;
    private final Machine machine;
    private final LeaseKeeper keeper;
    private final Loop keeping;
    private final Loop working;
    private final Mirror mirror;
    private final TreeMap<String, Placement> placements = new TreeMap<>();
    private TreeSet<String> told = new TreeSet<>();
    private long toldUnder;

    /// @param number gives the machine its id
    FakeAgent(Store store, Keys keys, int number, Duration ttl, String agentAddress) {
        this.store = store;
        this.keys = keys;
        this.codec = new Codec(keys);
        this.machine = new Machine(
                id(number), "host" + number, "10.0.0." + number, "", ImmutableSortedMap.of("rack", "r" + number),
                new Resources(1 << 30, 2), agentAddress, "boot", "test");
        this.keeper = new LeaseKeeper(store, ttl, Ticker.systemTicker(), new LeaseKeeper.Listener() {
            @Override
            public void held(Lease lease) {
                working.signal();
            }

            @Override
            public void lost(Lease lease, String reason) {}
        });
        var retry = Duration.ofMillis(100);
        this.working = new Loop(World.REAL, "fake agent", this::work, new Backoff(retry, retry, new SplittableRandom(number)));
        this.keeping = new Loop(World.REAL, "fake lease", keeper, new Backoff(retry, retry, new SplittableRandom(number)));
        keeping.start();
        working.start();
        this.mirror = new Mirror(World.REAL, store, keys.placements(machine.id()), new View());
    }

    static MachineId id(int number) {
        return new MachineId("%032x".formatted(number));
    }

    MachineId id() {
        return machine.id();
    }

    private Duration work() throws StoreException {
        var lease = keeper.lease();
        if (lease.isPresent()) {
            tell(lease.get());
        }
        return Duration.ofMinutes(1);
    }

    private void tell(Lease lease) throws StoreException {
        var writes = new ArrayList<Write>();
        if (lease.id() != toldUnder) {
            writes.add(codec.encode(machine.registeredFor(lease.ttl()), lease.id()));
        }
        var now = new TreeSet<String>();
        synchronized (placements) {
            for (var placement : placements.values()) {
                var state = codec.encode(machine.id(), placement.unit(), state(placement), lease.id());
                now.add(state.key());
                writes.add(state);
            }
        }
        told.stream().filter(key -> !now.contains(key)).forEach(key -> writes.add(new Delete(key)));
        for (var some : com.google.common.collect.Lists.partition(writes, Transaction.MAX_OPERATIONS)) {
            store.commit(Transaction.of(List.of(), some));
        }
        told = now;
        toldUnder = lease.id();
    }

    private static UnitState state(Placement placement) {
        boolean bad = placement.unit().full().startsWith("bad");
        boolean launched = placement.target() == DesiredState.LAUNCHED;
        String active = !launched ? "inactive" : bad ? "failed" : "active";
        String sub = !launched ? "dead" : bad ? "failed" : "running";
        return new UnitState(
                "loaded", active, sub, placement.fileHash(), placement.id(), placement.generation(),
                Instant.ofEpochMilli(1), "", 0, 0);
    }

    /// Leaves the cluster at once.
    void die() {
        close();
        try {
            keeper.release();
        } catch (StoreException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        mirror.close();
        working.close();
        keeping.close();
    }

    private final class View implements Mirror.Listener {
        @Override
        public void reset(Snapshot snapshot) {
            synchronized (placements) {
                placements.clear();
                snapshot.entries().values().forEach(this::take);
            }
            working.signal();
        }

        @Override
        public void changed(long revision, ImmutableList<Event> events) {
            synchronized (placements) {
                for (var event : events) {
                    switch (event) {
                        case Written(Entry entry) -> take(entry);
                        case Deleted(String key) -> placements.remove(key);
                    }
                }
            }
            working.signal();
        }

        private void take(Entry entry) {
            if (codec.decode(entry).orElse(null) instanceof PlacementFact(var placement, var _)) {
                placements.put(entry.key(), placement);
            }
        }

        @Override
        public void away(Instant since, String reason) {}

        @Override
        public void current() {}
    }
}
