package io.flota.agent.report;

import io.flota.unit.UnitState;
import java.time.Duration;

/// How often one unit's state is told. Its first changes are told at once; one that keeps changing is told ever more
/// rarely, and at once again when it has been calm for a while. Not for several threads.
final class Pace {
    /// As many changes as a unit makes that starts slowly, fails and is started again once or twice.
    private static final int FREE = 10;
    private static final Duration FIRST_REST = Duration.ofMillis(100);
    private static final Duration LONGEST_REST = Duration.ofSeconds(10);
    /// For one that is down, since others may wait for that.
    private static final Duration LONGEST_REST_DOWN = Duration.ofSeconds(1);
    /// More than lead from the first to the longest rest.
    private static final int MOST_DOUBLINGS = 8;

    /// The changes told of late, of which one is forgotten in each longest rest.
    private int told;
    private long toldAt;

    /// It is told now.
    ///
    /// @param now nanoseconds of a monotonic clock
    void tell(long now) {
        if (told > 0) {
            long forgotten = (now - toldAt) / LONGEST_REST.toNanos();
            told = (int) Math.max(0, told - forgotten);
        }
        told = Math.min(told + 1, FREE + MOST_DOUBLINGS);
        toldAt = now;
    }

    /// How long a change has to wait; zero or less if it is to be told now.
    Duration rest(UnitState state, long now) {
        if (told < FREE) {
            return Duration.ZERO;
        }
        var longest = state.isDown() ? LONGEST_REST_DOWN : LONGEST_REST;
        var grown = FIRST_REST.multipliedBy(1L << (told - FREE));
        var rest = grown.compareTo(longest) < 0 ? grown : longest;
        return rest.minusNanos(now - toldAt);
    }
}
