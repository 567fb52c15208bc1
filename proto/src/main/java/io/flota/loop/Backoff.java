package io.flota.loop;

import java.time.Duration;
import java.util.random.RandomGenerator;

/// How long to rest after each failure in a row: twice as long each time up to a limit, and up to half of it less by
/// chance, so that those who failed together do not come back together. Not for several threads.
public final class Backoff {
    private final Duration first;
    private final Duration most;
    private final RandomGenerator random;
    private Duration next;

    public Backoff(Duration first, Duration most, RandomGenerator random) {
        this.first = first;
        this.most = most;
        this.random = random;
        this.next = first;
    }

    public Duration next() {
        var rest = next.minusNanos(random.nextLong(next.toNanos() / 2 + 1));
        var twice = next.multipliedBy(2);
        next = twice.compareTo(most) < 0 ? twice : most;
        return rest;
    }

    /// After a success: the next failure is the first one again.
    public void reset() {
        next = first;
    }
}
