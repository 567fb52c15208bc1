package io.flota.scheduler.leading;

import com.google.common.base.Ticker;
import com.google.common.collect.ImmutableSortedSet;
import io.flota.registry.LeaderProof;
import io.flota.registry.Registry;
import io.flota.scheduler.cluster.Cluster;
import io.flota.store.StoreException;
import java.time.Duration;

/// Has unit files deleted that are of no use any more. What could not be deleted is not tried in every pass.
final class FileSweep {
    private static final Duration AGAIN = Duration.ofSeconds(30);

    private final Registry registry;
    private final Ticker ticker;
    private ImmutableSortedSet<String> tried = ImmutableSortedSet.of();
    private long triedNanos;

    FileSweep(Registry registry, Ticker ticker) {
        this.registry = registry;
        this.ticker = ticker;
    }

    void sweep(LeaderProof leadership, Cluster cluster) throws StoreException {
        var unused = cluster.unusedFiles();
        boolean triedLately = unused.equals(tried) && ticker.read() - triedNanos < AGAIN.toNanos();
        if (!unused.isEmpty() && !triedLately) {
            registry.sweepFiles(leadership, unused);
            tried = unused;
            triedNanos = ticker.read();
        }
    }
}
