package io.flota.testing;

import com.google.common.collect.ImmutableList;
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
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// One client's way to a [SimStore]. Cut, its calls fail and its watches are silent, as through a broken network.
public final class SimConnection implements Store {
    private final SimStore store;
    private final List<CutWatch> watches = new ArrayList<>();
    private boolean cut;

    SimConnection(SimStore store) {
        this.store = store;
    }

    /// Cuts the client off. Its watches hear nothing, not even that they are broken.
    public void cut() {
        cut = true;
    }

    /// Ends the cut. The watches that ran through it are broken now.
    public void mend() {
        cut = false;
        List.copyOf(watches).forEach(watch -> watch.breakOff("the connection was cut"));
    }

    @Override
    public Snapshot read(String prefix) throws StoreException {
        return reached().read(prefix);
    }

    @Override
    public Outcome commit(Transaction transaction) throws StoreException {
        return reached().commit(transaction);
    }

    @Override
    public Watch watch(String prefix, long fromRevision, WatchListener listener) {
        var watch = new CutWatch(fromRevision - 1, listener);
        watches.add(watch);
        watch.begin(prefix, fromRevision);
        return watch;
    }

    @Override
    public Lease grant(Duration ttl) throws StoreException {
        return reached().grant(ttl);
    }

    @Override
    public Duration keepAlive(Lease lease) throws StoreException {
        return reached().keepAlive(lease);
    }

    @Override
    public LeaseLife life(long leaseId) throws StoreException {
        return reached().life(leaseId);
    }

    @Override
    public void revoke(Lease lease) throws StoreException {
        reached().revoke(lease);
    }

    /// Closes the connection's watches; the store goes on.
    @Override
    public void close() {
        List.copyOf(watches).forEach(Watch::close);
    }

    private SimStore reached() throws StoreException {
        if (cut) {
            throw new StoreException("cannot reach the store: the connection is cut");
        }
        return store;
    }

    private final class CutWatch implements Watch, WatchListener {
        private final WatchListener listener;
        private Optional<Watch> watched = Optional.empty();
        private long revision;

        CutWatch(long revision, WatchListener listener) {
            this.revision = revision;
            this.listener = listener;
        }

        void begin(String prefix, long fromRevision) {
            var begun = store.watch(prefix, fromRevision, this);
            watched = Optional.of(begun);
        }

        @Override
        public long revision() {
            if (!cut) {
                watched.ifPresent(one -> revision = one.revision());
            }
            return revision;
        }

        @Override
        public void changed(long at, ImmutableList<Event> events) {
            if (!cut) {
                listener.changed(at, events);
            }
        }

        @Override
        public void broken(String reason) {
            if (!cut) {
                breakOff(reason);
            }
        }

        @Override
        public void close() {
            watches.remove(this);
            watched.ifPresent(Watch::close);
        }

        void breakOff(String reason) {
            if (watches.contains(this)) {
                close();
                listener.broken(reason);
            }
        }
    }
}
