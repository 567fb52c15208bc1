package io.flota.agent.runtime.exec;

import io.flota.agent.steps.Guard;
import io.flota.unit.UnitName;
import java.time.Duration;
import java.time.Instant;

/// A [Guard], by the [BootClock].
///
/// @param strikes when the unit is killed: a moment before it has to be over, as killing takes its time
record Term(Guard guard, Instant startsUntil, Instant strikes) {
    /// Enough for a hundred units on a busy host.
    private static final Duration KILLING = Duration.ofMillis(60);

    static Term of(Guard guard, BootClock clock) {
        return new Term(guard, clock.at(guard.startsUntil()), clock.at(strikes(guard)));
    }

    /// Of a unit whose time is over.
    static Term over(UnitName unit, BootClock clock) {
        var now = clock.sinceBoot();
        return of(new Guard(unit, true, Duration.ZERO, now, now), clock);
    }

    /// Since the machine's boot.
    static Duration strikes(Guard guard) {
        return guard.livesUntil().minus(KILLING);
    }

    boolean mayStart(Instant now) {
        return now.isBefore(startsUntil);
    }

    boolean hasStruck(Instant now) {
        return !now.isBefore(strikes);
    }
}
