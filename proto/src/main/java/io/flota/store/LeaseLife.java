package io.flota.store;

import java.time.Duration;

/// How long a lease has still to live.
///
/// @param ttl as it was granted
/// @param left in whole seconds, rounded down; it may be more than the TTL when the store has just started
public record LeaseLife(Duration ttl, Duration left) {
    public static final LeaseLife ENDED = new LeaseLife(Duration.ZERO, Duration.ZERO);

    /// What the store's rounding may hide.
    private static final Duration ROUNDING = Duration.ofSeconds(1);

    /// Whether it has ended, or less than half of its life is left for certain: whoever is well renews it each third (see
    /// [LeaseKeeper]).
    public boolean isLate() {
        return ttl.isZero() || left.plus(ROUNDING).compareTo(ttl.dividedBy(2)) <= 0;
    }
}
