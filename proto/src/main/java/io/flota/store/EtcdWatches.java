package io.flota.store;

import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/// All watches of a store. Asks etcd again and again how far each has come, so that one which fell silent can be told
/// from one that has nothing to tell.
final class EtcdWatches implements AutoCloseable {
    /// Some times the 100 ms within which etcd sends a watch what it still has to hear.
    private static final Duration PROGRESS = Duration.ofMillis(500);

    private final EtcdCalls calls;
    private final Set<EtcdWatch> running = ConcurrentHashMap.newKeySet();
    private final Thread asking = Thread.ofVirtual().name("etcd-watch-progress").unstarted(this::askForProgress);

    EtcdWatches(EtcdCalls calls) {
        this.calls = calls;
        asking.start();
    }

    Watch open(String prefix, long fromRevision, WatchListener listener) {
        var watch = new EtcdWatch(fromRevision, listener, running::remove);
        running.add(watch);
        watch.start(calls.preferred(), prefix);
        return watch;
    }

    @Override
    public void close() {
        asking.interrupt();
    }

    private void askForProgress() {
        try {
            while (true) {
                Thread.sleep(PROGRESS);
                running.forEach(EtcdWatch::askForProgress);
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }
}
