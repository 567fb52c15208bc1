package io.flota.scheduler.model;

import io.flota.scheduler.cluster.Cluster;
import java.time.Instant;
import java.util.Optional;

/// What a scheduler knows at one moment, and how far it is to be trusted.
///
/// @param stale since when and why the store may have moved on unseen; empty if the view is current
/// @param outages how often the store has gone away so far. What the view shows once it is current again was read after
///     that, so it has all that was acknowledged while there were fewer
/// @param recoveredNanos when the view became current last, after it had not been; by the world's ticker
public record View(Cluster cluster, Optional<Staleness> stale, long outages, long recoveredNanos) {
    public record Staleness(Instant since, String reason) {}

    /// Whether there has been a snapshot. Without one, what is not in the cluster is not known to be absent.
    public boolean isFilled() {
        return cluster.revision() > 0;
    }

    public boolean isCurrent() {
        return isFilled() && stale.isEmpty();
    }

    public long revision() {
        return cluster.revision();
    }
}
