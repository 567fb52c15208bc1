package io.flota.agent.runtime.exec;

import java.time.Duration;
import java.time.Instant;

/// So many lines of a unit within so long are kept, as journald's `RateLimitIntervalSec=` and `RateLimitBurst=` do it
/// by default. What comes beyond that until the interval ends is counted and dropped. Not for several threads.
final class RateLimit {
    static final Duration INTERVAL = Duration.ofSeconds(30);
    static final int BURST = 10_000;

    private Instant begun = Instant.MIN;
    private int kept;
    private long dropped;

    /// Whether a line that comes now is kept.
    boolean keeps(Instant now) {
        if (isOver(now)) {
            begun = now;
            kept = 0;
        }
        if (kept < BURST) {
            kept++;
            return true;
        }
        dropped++;
        return false;
    }

    /// Whether it is time to say how many lines were dropped.
    boolean isDue(Instant now) {
        return dropped > 0 && isOver(now);
    }

    boolean drops() {
        return dropped > 0;
    }

    /// How many were dropped since this was asked last.
    long takeDropped() {
        long taken = dropped;
        dropped = 0;
        return taken;
    }

    /// A clock that was set back begins anew.
    private boolean isOver(Instant now) {
        return begun.equals(Instant.MIN) || now.isBefore(begun) || !now.isBefore(begun.plus(INTERVAL));
    }
}
