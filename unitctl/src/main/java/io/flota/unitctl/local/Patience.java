package io.flota.unitctl.local;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;

/// Waits for what another process does and nobody announces.
final class Patience {
    private static final Duration STEP = Duration.ofMillis(5);

    interface Condition {
        boolean holds() throws IOException, LocalException;
    }

    private Patience() {}

    /// @return whether it held before the time was over
    static boolean until(Duration limit, Condition condition) throws IOException, LocalException {
        long end = System.nanoTime() + limit.toNanos();
        while (!condition.holds()) {
            if (System.nanoTime() - end > 0) {
                return false;
            }
            LockSupport.parkNanos(STEP.toNanos());
        }
        return true;
    }
}
