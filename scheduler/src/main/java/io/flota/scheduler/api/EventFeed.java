package io.flota.scheduler.api;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSortedMap;
import io.flota.registry.EventReader;
import io.flota.registry.Fact.EventFact;
import io.flota.registry.Happening;
import io.flota.registry.Mirror;
import io.flota.store.Snapshot;
import io.flota.store.StoreException;
import io.flota.store.WatchListener.Event;
import io.flota.store.WatchListener.Written;
import io.grpc.Status.Code;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.function.Predicate;

/// Events as they are written, from a revision on: each once, whatever becomes of the watch. A mirror's thread puts
/// them in, another one takes them out.
final class EventFeed implements Mirror.Listener {
    /// Some megabytes, for a client that does not read.
    private static final int MOST_WAITING = 10_000;
    private static final int MOST_AT_ONCE = 500;

    private final EventReader reader;
    private final Predicate<Happening> wanted;
    private final BlockingQueue<EventFact> waiting = new ArrayBlockingQueue<>(MOST_WAITING);
    private long seen;
    private boolean begun;
    private volatile boolean overflown;

    /// @param seen up to this revision all is known
    EventFeed(EventReader reader, Predicate<Happening> wanted, long seen) {
        this.reader = reader;
        this.wanted = wanted;
        this.seen = seen;
    }

    /// At least one; waits for it.
    ///
    /// @throws RefusedException if events were lost, since they were taken too slowly
    List<EventFact> take() throws RefusedException, InterruptedException {
        var events = new ArrayList<EventFact>();
        events.add(waiting.take());
        waiting.drainTo(events, MOST_AT_ONCE);
        if (overflown) {
            throw new RefusedException(
                    Code.RESOURCE_EXHAUSTED, "events come faster than they are read: ask for fewer, or again");
        }
        return events;
    }

    /// What was missed when the watch broke. It tells what it finds, so that nothing of it is left for [#reset].
    Snapshot read() throws StoreException {
        if (begun) {
            seen = reader.<RuntimeException>since(seen, wanted, page -> page.forEach(this::put));
        }
        begun = true;
        return new Snapshot(seen, ImmutableSortedMap.of());
    }

    @Override
    public void changed(long revision, ImmutableList<Event> events) {
        if (revision <= seen) {
            return;
        }
        seen = revision;
        for (var event : events) {
            if (event instanceof Written(var entry)) {
                reader.first(entry).filter(told -> wanted.test(told.happening())).ifPresent(this::put);
            }
        }
    }

    private void put(EventFact event) {
        overflown |= !waiting.offer(event);
    }

    @Override
    public void reset(Snapshot snapshot) {}

    /// The stream goes on when the store is back.
    @Override
    public void away(Instant since, String reason) {}

    @Override
    public void current() {}
}
