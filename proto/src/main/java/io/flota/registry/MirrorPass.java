package io.flota.registry;

import com.google.common.base.Ticker;
import com.google.common.collect.ImmutableList;
import io.flota.loop.Reconciler;
import io.flota.store.Snapshot;
import io.flota.store.Store;
import io.flota.store.StoreException;
import io.flota.store.Watch;
import io.flota.store.WatchListener;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/// What a [Mirror] does, one pass at a time, so that a simulation can drive it without a thread.
public final class MirrorPass implements Reconciler, AutoCloseable {
    private static final Duration PING = Duration.ofSeconds(1);
    /// While the store was away and the watch has not caught up yet.
    private static final Duration IMPATIENT_PING = Duration.ofMillis(100);
    /// A watch tells how far it is every second.
    private static final Duration SILENCE = Duration.ofSeconds(3);
    /// Under the prefix, since a login may be allowed nothing else; no key is ever there.
    private static final String NO_KEY = "?";
    private static final long UNKNOWN = Long.MAX_VALUE;

    private sealed interface Heard {}

    private record Changed(long revision, ImmutableList<WatchListener.Event> events) implements Heard {}

    private record Broken(String reason) implements Heard {}

    private final Store store;
    private final String prefix;
    private final Mirror.Contents contents;
    private final Mirror.Listener listener;
    private final Runnable wake;
    private final Ticker ticker;
    private final InstantSource clock;

    private final Queue<Heard> heard = new ConcurrentLinkedQueue<>();
    private Optional<Watch> watch = Optional.empty();
    private volatile boolean stale;
    private Instant answered;
    private boolean away;
    private long pingedNanos;
    /// The store's revision that the watch has to come to, and since when it is awaited.
    private long awaited = UNKNOWN;
    private long awaitedNanos;

    /// @param wake called when there is something to do; a pass has to follow
    public MirrorPass(
            Store store, String prefix, Mirror.Listener listener, Runnable wake, Ticker ticker, InstantSource clock) {
        this(store, prefix, () -> store.read(prefix), listener, wake, ticker, clock);
    }

    MirrorPass(
            Store store,
            String prefix,
            Mirror.Contents contents,
            Mirror.Listener listener,
            Runnable wake,
            Ticker ticker,
            InstantSource clock) {
        this.store = store;
        this.prefix = prefix;
        this.contents = contents;
        this.listener = listener;
        this.wake = wake;
        this.ticker = ticker;
        this.clock = clock;
        this.answered = clock.instant();
    }

    /// The next pass reads all anew.
    void refresh() {
        stale = true;
    }

    @Override
    public Duration reconcile() throws StoreException {
        if (stale) {
            close();
            stale = false;
        }
        var running = watch.isPresent() ? watch.get() : list();
        tellWhatWasHeard();
        if (ticker.read() - pingedNanos >= pause().toNanos()) {
            ping(running);
        }
        if (away && running.revision() >= awaited) {
            away = false;
            listener.current();
        }
        return pause();
    }

    @Override
    public void close() {
        watch.ifPresent(Watch::close);
        watch = Optional.empty();
    }

    private Watch list() throws StoreException {
        var snapshot = ask(contents);
        heard.clear(); // what the last watch still told
        away = false;
        await(snapshot.revision());
        listener.reset(snapshot);
        var started = store.watch(prefix, snapshot.revision() + 1, new Inbox());
        watch = Optional.of(started);
        return started;
    }

    private void tellWhatWasHeard() throws StoreException {
        while (!heard.isEmpty()) {
            switch (heard.remove()) {
                case Changed(long revision, var events) -> listener.changed(revision, events);
                case Broken(String reason) -> breakOff(reason);
            }
        }
    }

    private void ping(Watch running) throws StoreException {
        long revision = ask(() -> store.read(prefix + NO_KEY)).revision();
        if (awaited == UNKNOWN || running.revision() >= awaited) {
            await(revision);
        } else if (ticker.read() - awaitedNanos > SILENCE.toNanos()) {
            breakOff("it is silent at revision " + running.revision() + ", etcd was at " + awaited + " long ago");
        }
    }

    private void await(long revision) {
        awaited = revision;
        awaitedNanos = ticker.read();
    }

    private Snapshot ask(Mirror.Contents what) throws StoreException {
        pingedNanos = ticker.read();
        try {
            var snapshot = what.read();
            answered = clock.instant();
            return snapshot;
        } catch (StoreException e) {
            awaited = UNKNOWN;
            boolean closing = Thread.currentThread().isInterrupted();
            if (!away && !closing) {
                away = true;
                listener.away(answered, e.getMessage());
            }
            throw e;
        }
    }

    private void breakOff(String reason) throws StoreException {
        close();
        throw new StoreException("the watch of " + prefix + " broke: " + reason);
    }

    private Duration pause() {
        return away ? IMPATIENT_PING : PING;
    }

    private final class Inbox implements WatchListener {
        @Override
        public void changed(long revision, ImmutableList<Event> events) {
            heard.add(new Changed(revision, events));
            wake.run();
        }

        @Override
        public void broken(String reason) {
            heard.add(new Broken(reason));
            wake.run();
        }
    }
}
