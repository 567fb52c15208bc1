package io.flota.store;

import com.google.common.collect.ImmutableList;
import io.etcd.jetcd.Watch.Listener;
import io.etcd.jetcd.Watch.Watcher;
import io.etcd.jetcd.common.exception.ClosedClientException;
import io.etcd.jetcd.common.exception.CompactedException;
import io.etcd.jetcd.options.WatchOption;
import io.etcd.jetcd.watch.WatchEvent;
import io.etcd.jetcd.watch.WatchResponse;
import io.flota.store.EtcdMember.Connection;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

/// One watch on one connection. It never resumes: jetcd would, and might pass over changes, so that whatever jetcd
/// reports is the end of it.
final class EtcdWatch implements Watch, Listener {
    private final WatchListener listener;
    private final Consumer<EtcdWatch> atEnd;
    /// Nothing more is heard from jetcd.
    private final AtomicBoolean deaf = new AtomicBoolean();
    private volatile Optional<Watcher> watcher = Optional.empty();
    private boolean created;
    private boolean ended;
    private long delivered;
    private long progress;
    private volatile long revision;

    EtcdWatch(long fromRevision, WatchListener listener, Consumer<EtcdWatch> atEnd) {
        this.listener = listener;
        this.atEnd = atEnd;
        this.delivered = fromRevision - 1;
        this.revision = delivered;
    }

    void start(Connection connection, String prefix) {
        var option = WatchOption.builder()
                .isPrefix(true)
                .withRevision(revision + 1)
                .withCreateNotify(true)
                // A member that is cut off from the others ends the watch, instead of keeping it in silence.
                .withRequireLeader(true)
                .build();
        try {
            var opened = connection.watches().watch(EtcdStore.bytes(prefix), option, this);
            watcher = Optional.of(opened);
            if (deaf.get()) {
                opened.close();
            } else if (opened.isClosed()) {
                lost("its connection was given up"); // too early to be told by jetcd
            }
        } catch (ClosedClientException _) {
            lost("its connection was given up");
        }
    }

    synchronized void askForProgress() {
        if (created && !ended && !deaf.get()) {
            watcher.ifPresent(Watcher::requestProgress);
        }
    }

    @Override
    public long revision() {
        return revision;
    }

    @Override
    public void close() {
        deaf.set(true);
        end(Optional.empty());
    }

    @Override
    public void onNext(WatchResponse response) {
        if (!take(response)) {
            lost("etcd told a revision twice, " + revision);
        }
    }

    @Override
    public void onError(Throwable failure) {
        lost(failure instanceof CompactedException e
                ? "revision " + (revision + 1) + " is compacted, " + e.getCompactedRevision()
                        + " is the oldest that etcd still has"
                : EtcdFailure.because(EtcdFailure.status(failure), Duration.ZERO));
    }

    @Override
    public void onCompleted() {
        lost("etcd ended it");
    }

    /// jetcd calls this with its own lock held, which the listener must not be able to wait for.
    private void lost(String reason) {
        if (deaf.compareAndSet(false, true)) {
            Thread.ofVirtual().name("etcd-watch-end").start(() -> end(Optional.of(reason)));
        }
    }

    private void end(Optional<String> broken) {
        synchronized (this) {
            if (ended) {
                return;
            }
            ended = true;
            broken.ifPresent(listener::broken);
        }
        atEnd.accept(this);
        watcher.ifPresent(Watcher::close);
    }

    private synchronized boolean take(WatchResponse response) {
        if (ended || deaf.get()) {
            return true;
        }
        created |= response.isCreatedNotify();
        if (!deliver(response)) {
            return false;
        }
        if (response.isProgressNotify()) {
            // An answer may overtake changes that are on their way, but not by the time until the next answer.
            revision = Math.max(revision, progress);
            progress = response.getHeader().getRevision();
        }
        revision = Math.max(revision, delivered);
        return true;
    }

    private boolean deliver(WatchResponse response) {
        var events = response.getEvents();
        for (int from = 0; from < events.size() && !ended; ) {
            long at = revisionOf(events.get(from));
            int to = from;
            var changes = ImmutableList.<WatchListener.Event>builder();
            while (to < events.size() && revisionOf(events.get(to)) == at) {
                changes.add(event(events.get(to)));
                to++;
            }
            if (at <= delivered) {
                return false;
            }
            delivered = at;
            listener.changed(at, changes.build());
            from = to;
        }
        return true;
    }

    private static long revisionOf(WatchEvent event) {
        return event.getKeyValue().getModRevision();
    }

    private static WatchListener.Event event(WatchEvent event) {
        return switch (event.getEventType()) {
            case PUT -> new WatchListener.Written(EtcdStore.entry(event.getKeyValue()));
            case DELETE -> new WatchListener.Deleted(event.getKeyValue().getKey().toString());
            case UNRECOGNIZED -> throw new IllegalStateException("etcd told an event of unknown type " + event);
        };
    }
}
