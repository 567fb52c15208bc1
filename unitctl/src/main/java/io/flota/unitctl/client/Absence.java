package io.flota.unitctl.client;

import java.time.Duration;
import java.util.Optional;

/// For how long no scheduler has answered one who asks again and again.
final class Absence {
    /// Schedulers that start anew, or elect a leader, are back by then.
    private static final Duration GIVE_UP = Duration.ofSeconds(30);
    /// Long enough not to press a scheduler that starts, short enough not to be felt.
    static final Duration PAUSE = Duration.ofMillis(250);

    private Optional<Long> since = Optional.empty();

    /// Somebody has answered.
    void end() {
        since = Optional.empty();
    }

    boolean hasBegun() {
        return since.isPresent();
    }

    /// Waits a moment.
    ///
    /// @throws ClusterException the one that is given, once it has gone on for too long
    void endure(ClusterException lost) throws ClusterException, InterruptedException {
        long now = System.nanoTime();
        long begun = since.orElse(now);
        since = Optional.of(begun);
        if (now - begun > GIVE_UP.toNanos()) {
            throw lost;
        }
        Thread.sleep(PAUSE);
    }
}
