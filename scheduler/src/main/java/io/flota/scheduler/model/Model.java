package io.flota.scheduler.model;

import com.google.common.collect.ImmutableList;
import io.flota.loop.World;
import io.flota.registry.Codec;
import io.flota.registry.Fact.EventFact;
import io.flota.registry.Keys;
import io.flota.registry.Mirror;
import io.flota.scheduler.cluster.Change;
import io.flota.scheduler.cluster.Change.Written;
import io.flota.scheduler.cluster.ChangeReader;
import io.flota.scheduler.cluster.Cluster;
import io.flota.scheduler.model.View.Staleness;
import io.flota.store.Snapshot;
import io.flota.store.WatchListener.Event;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Semaphore;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Holds the [View] that a mirror of the store feeds. One writer, the mirror's thread; readers get an immutable value.
public final class Model implements Mirror.Listener {
    private static final Logger log = LoggerFactory.getLogger(Model.class);

    private final ChangeReader reader;
    private final World world;
    private final List<Runnable> listeners = new CopyOnWriteArrayList<>();
    private final List<Consumer<EventFact>> eventListeners = new CopyOnWriteArrayList<>();
    private final Object changes = new Object();
    private volatile View view;

    public Model(Keys keys, World world) {
        this.reader = new ChangeReader(keys, new Codec(keys));
        this.world = world;
        this.view = new View(
                Cluster.EMPTY,
                Optional.of(new Staleness(world.clock().instant(), "nothing has been read from it yet")),
                0,
                world.ticker().read());
    }

    public View latest() {
        return view;
    }

    /// By the clock of whoever looks at the view.
    public Instant now() {
        return world.clock().instant();
    }

    /// Calls the listener after each change of the view, by the model's writing thread: it must only signal.
    public void onChange(Runnable listener) {
        listeners.add(listener);
    }

    /// Tells the listener of each event that is written from now on, before the view contains what it speaks of; by the
    /// model's writing thread, which must not be held up. Who missed the watch missed it.
    public void onEvent(Consumer<EventFact> listener) {
        eventListeners.add(listener);
    }

    /// The first view that contains what was written up to a revision, or the latest once the time is up.
    public View await(long revision, Duration atMost) throws InterruptedException {
        var wake = new Semaphore(0);
        Runnable waker = wake::release;
        long deadline = world.ticker().read() + atMost.toNanos();
        onChange(waker);
        try {
            for (long left = atMost.toNanos();
                    view.revision() < revision && left > 0;
                    left = deadline - world.ticker().read()) {
                boolean _ = world.acquire(wake, Duration.ofNanos(left));
            }
        } finally {
            listeners.remove(waker);
        }
        return view;
    }

    /// The next view after the given one; views in between are passed over.
    public View awaitChange(View seen) throws InterruptedException {
        synchronized (changes) {
            while (view == seen) {
                changes.wait();
            }
        }
        return view;
    }

    @Override
    public void reset(Snapshot snapshot) {
        List<Change> contents = reader.read(snapshot);
        log.info("read the cluster revision={} keys={}", snapshot.revision(), snapshot.entries().size());
        fresh(Cluster.EMPTY.with(snapshot.revision(), contents));
    }

    /// While the store is away this is what it had still to tell, and there may be more.
    @Override
    public void changed(long revision, ImmutableList<Event> events) {
        var read = reader.read(events);
        for (var change : read) {
            if (change instanceof Written(EventFact event)) {
                eventListeners.forEach(listener -> listener.accept(event));
            }
        }
        become(new View(view.cluster().with(revision, read), view.stale(), view.outages(), view.recoveredNanos()));
    }

    @Override
    public void away(Instant since, String reason) {
        log.warn("etcd is away, this view grows old since={} because={}", since, reason);
        become(new View(
                view.cluster(), Optional.of(new Staleness(since, reason)), view.outages() + 1, view.recoveredNanos()));
    }

    @Override
    public void current() {
        fresh(view.cluster());
    }

    private void fresh(Cluster cluster) {
        boolean wasStale = view.stale().isPresent();
        if (wasStale) {
            log.info("the view is current revision={}", cluster.revision());
        }
        long recovered = wasStale ? world.ticker().read() : view.recoveredNanos();
        become(new View(cluster, Optional.empty(), view.outages(), recovered));
    }

    private void become(View next) {
        synchronized (changes) {
            view = next;
            changes.notifyAll();
        }
        listeners.forEach(Runnable::run);
    }
}
