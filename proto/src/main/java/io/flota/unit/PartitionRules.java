package io.flota.unit;

import java.time.Duration;

/// What becomes of a unit while its machine cannot reach etcd, and afterwards: options of `[X-Flota]`.
///
/// @param exclusive never active in two places, whatever fails: stopped before its machine's lease can have ended
/// @param onDisconnect what its machine does with it once the lease may have ended; `STOP` if it is exclusive
/// @param grace for how long after that it runs on, if it is to be stopped
/// @param onReconnect which one stays if it was started elsewhere meanwhile
public record PartitionRules(boolean exclusive, OnDisconnect onDisconnect, Duration grace, OnReconnect onReconnect) {
    public static final PartitionRules DEFAULT =
            new PartitionRules(false, OnDisconnect.RUN, Duration.ZERO, OnReconnect.NEWEST);

    public enum OnDisconnect {
        RUN,
        STOP
    }

    public enum OnReconnect {
        /// The one that was started elsewhere.
        NEWEST,
        /// The one that ran all the time.
        OLDEST
    }
}
