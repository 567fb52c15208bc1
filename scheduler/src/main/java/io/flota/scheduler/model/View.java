package io.flota.scheduler.model;

import io.flota.scheduler.cluster.Cluster;
import java.time.Instant;
import java.util.Optional;

/// What a scheduler knows at one moment, and how far it is to be trusted.
///
/// @param stale since when and why the store may have moved on unseen; empty if the view is current
/// @param recovered when the view became current last, after it had not been
public record View(Cluster cluster, Optional<Staleness> stale, Instant recovered) {
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
