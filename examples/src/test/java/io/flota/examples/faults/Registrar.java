package io.flota.examples.faults;

import com.google.common.collect.ImmutableList;
import io.flota.registry.Codec;
import io.flota.registry.Fact;
import io.flota.registry.Key;
import io.flota.registry.Keys;
import io.flota.store.EtcdSettings;
import io.flota.store.EtcdStore;
import io.flota.store.Snapshot;
import io.flota.store.StoreException;
import io.flota.store.Watch;
import io.flota.store.WatchListener;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;

/// Writes down every change in the cluster's registry, by a way to etcd that no fault cuts.
final class Registrar implements AutoCloseable {
    /// A watch on a member that hangs tells nothing. Watches are cheap: each is given up after this time, and the next
    /// one, of a member that answers, goes on from the last revision heard.
    private static final Duration TERM = Duration.ofSeconds(4);

    private static final Keys KEYS = Keys.DEFAULT;

    /// One key's change.
    ///
    /// @param seen when we heard of it, by the host's monotonic clock; that may be long after it was made
    /// @param fact empty if the key was deleted
    record Change(long revision, long seen, Key key, Optional<Fact> fact) {}

    private final EtcdStore store;
    private final Codec codec = new Codec(KEYS);
    private final TreeMap<Long, List<Change>> changes = new TreeMap<>();
    private final ScheduledExecutorService terms = Executors.newSingleThreadScheduledExecutor(
            Thread.ofVirtual().name("registrar").factory());
    private volatile long heard;
    private Optional<Watch> watch = Optional.empty();

    /// @param members etcd's client URLs
    Registrar(List<URI> members) {
        store = new EtcdStore(EtcdSettings.of(members));
        try {
            heard = store.read(KEYS.leader()).revision();
        } catch (StoreException failure) {
            store.close();
            throw new AssertionError("etcd cannot be read", failure);
        }
        terms.scheduleWithFixedDelay(this::nextTerm, 0, TERM.toMillis(), TimeUnit.MILLISECONDS);
    }

    private synchronized void nextTerm() {
        watch.ifPresent(Watch::close);
        if (terms.isShutdown()) {
            return;
        }
        try {
            var _ = store.read(KEYS.leader()); // turns the store to a member that answers
            watch = Optional.of(store.watch(KEYS.prefix(), heard + 1, new Listener()));
        } catch (StoreException _) {
            watch = Optional.empty(); // an outage; the next term comes
        }
    }

    private final class Listener implements WatchListener {
        @Override
        public void changed(long revision, ImmutableList<Event> events) {
            synchronized (changes) {
                if (revision > heard) {
                    heard = revision;
                    long now = System.nanoTime();
                    changes.put(revision, events.stream().flatMap(event -> change(revision, now, event).stream()).toList());
                }
            }
        }

        @Override
        public void broken(String reason) {
            if (reason.contains("compacted")) {
                throw new AssertionError("the history has a gap: " + reason);
            }
        }
    }

    private Optional<Change> change(long revision, long now, WatchListener.Event event) {
        var fact = switch (event) {
            case WatchListener.Written(var entry) -> codec.decode(entry);
            case WatchListener.Deleted _ -> Optional.<Fact>empty();
        };
        return KEYS.parse(event.key()).map(key -> new Change(revision, now, key, fact));
    }

    /// All of it, up to now.
    List<Change> history() {
        long now = snapshot().revision();
        Awaitility.await().atMost(Duration.ofSeconds(60)).until(() -> cameTo() >= now);
        synchronized (changes) {
            return changes.values().stream().flatMap(List::stream).toList();
        }
    }

    private synchronized long cameTo() {
        return watch.map(Watch::revision).orElse(0L);
    }

    /// What the registry holds now.
    Snapshot snapshot() {
        try {
            return store.read(KEYS.prefix());
        } catch (StoreException failure) {
            throw new AssertionError("etcd cannot be read", failure);
        }
    }

    List<Fact> facts() {
        return snapshot().entries().values().stream().flatMap(entry -> codec.decode(entry).stream()).toList();
    }

    @Override
    public void close() {
        terms.shutdownNow();
        synchronized (this) {
            watch.ifPresent(Watch::close);
        }
        store.close();
    }
}
