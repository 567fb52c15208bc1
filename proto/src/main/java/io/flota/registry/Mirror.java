package io.flota.registry;

import com.google.common.collect.ImmutableList;
import io.flota.store.Snapshot;
import io.flota.store.Store;
import io.flota.store.WatchListener.Event;
import java.time.Instant;

/// Keeps a listener's view of one prefix true: snapshot, then watch from the next revision, and the same again
/// whenever the watch breaks, is compacted, or falls silent while the store moves on.
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

    public Mirror(Store store, String prefix, Listener listener) {}

    @Override
    public void close() {}
}
