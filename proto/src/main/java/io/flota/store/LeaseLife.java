package io.flota.store;

import java.time.Duration;

/// How long a lease has still to live.
///
/// @param ttl as it was granted
/// @param left in whole seconds, rounded down; it may be more than the TTL when the store has just started
public record LeaseLife(Duration ttl, Duration left) {
    public static final LeaseLife ENDED = new LeaseLife(Duration.ZERO, Duration.ZERO);

    public boolean isOver() {
        return ttl.isZero();
    }

    /// How long ago it was renewed, or granted, at most: rounded up to the second that the store's rounding may hide.
    public Duration age() {
        var age = ttl.minus(left);
        return age.isNegative() ? Duration.ZERO : age;
    }
}
