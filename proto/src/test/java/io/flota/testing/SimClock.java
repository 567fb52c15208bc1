package io.flota.testing;

import com.google.common.base.Ticker;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;

/// Time that passes only when told: a monotonic clock and the wall clock that goes with it.
public final class SimClock extends Ticker implements InstantSource {
    private Duration elapsed = Duration.ZERO;

    public void pass(Duration time) {
        elapsed = elapsed.plus(time);
    }

    @Override
    public long read() {
        return elapsed.toNanos();
    }

    @Override
    public Instant instant() {
        return Instant.EPOCH.plus(elapsed);
    }
}
