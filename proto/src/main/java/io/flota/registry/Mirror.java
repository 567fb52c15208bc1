package io.flota.registry;

import com.google.common.base.Ticker;
import com.google.common.collect.ImmutableList;
import io.flota.loop.Backoff;
import io.flota.loop.Loop;
import io.flota.store.Snapshot;
import io.flota.store.Store;
import io.flota.store.WatchListener.Event;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.SplittableRandom;

/// Keeps a listener's view of one prefix true: snapshot, then watch from the next revision, and the same again
/// whenever the watch breaks, is compacted, or falls silent while the store moves on. Runs until it is closed.
public final class Mirror implements AutoCloseable {
    private static final Duration FIRST_RETRY = Duration.ofMillis(100);
    /// An operator who starts etcd again should not wait for us.
    private static final Duration LAST_RETRY = Duration.ofSeconds(1);

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

    private final MirrorPass pass;
    private final Loop loop;

    public Mirror(Store store, String prefix, Listener listener) {
        this.pass = new MirrorPass(
                store, prefix, listener, this::signal, Ticker.systemTicker(), InstantSource.system());
        var backoff = new Backoff(FIRST_RETRY, LAST_RETRY, new SplittableRandom());
        this.loop = new Loop("mirror of " + prefix, pass, backoff);
        loop.start();
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
