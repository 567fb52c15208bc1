package io.flota.registry;

import com.google.common.collect.ImmutableList;
import io.flota.loop.Loop;
import io.flota.loop.World;
import io.flota.store.Snapshot;
import io.flota.store.Store;
import io.flota.store.StoreException;
import io.flota.store.WatchListener.Event;
import java.time.Instant;

/// Keeps a listener's view of one prefix true: snapshot, then watch from the next revision, and the same again
/// whenever the watch breaks, is compacted, or falls silent while the store moves on. Runs until it is closed.
public final class Mirror implements AutoCloseable {
    /// Called by one thread, never at the same time.
    public interface Listener {
        /// All there is, at one revision. What the listener knew before and is not in it is gone.
        void reset(Snapshot snapshot);

        void changed(long revision, ImmutableList<Event> events);

        /// The store cannot be reached; the view grows old. Followed by [#reset] or [#current].
        void away(Instant since, String reason);

        /// The view is fresh (again), without a new snapshot.
        void current();
    }

    /// How the store is read: all of what is mirrored, or what is new since it was read last.
    @FunctionalInterface
    public interface Contents {
        Snapshot read() throws StoreException;
    }

    private final MirrorPass pass;
    private final Loop loop;

    public Mirror(World world, Store store, String prefix, Listener listener) {
        this(world, store, prefix, () -> store.read(prefix), listener);
    }

    /// One that reads less than the whole prefix. Its listener is told all changes of the prefix all the same.
    public Mirror(World world, Store store, String prefix, Contents contents, Listener listener) {
        this.pass = new MirrorPass(store, prefix, contents, listener, this::signal, world.ticker(), world.clock());
        this.loop = new Loop(world, "mirror of " + prefix, pass);
        loop.start();
    }

    /// Reads all anew, soon: the next [Listener#reset] is at a revision of the store not before this call. For who
    /// cannot wait until the watch has come that far.
    public void refresh() {
        pass.refresh();
        signal();
    }

    @Override
    public void close() {
        loop.close();
        pass.close();
    }

    private void signal() {
        loop.signal();
    }
}
