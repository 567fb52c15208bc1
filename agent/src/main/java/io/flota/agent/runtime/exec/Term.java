package io.flota.agent.runtime.exec;

import io.flota.agent.runtime.guard.Deadlines;
import io.flota.agent.steps.Guard;
import io.flota.unit.UnitName;
import java.time.Duration;
import java.time.Instant;

/// A [Guard], by the [BootClock].
///
/// @param strikes when the unit is killed: a moment before it has to be over, as killing takes its time
record Term(Guard guard, Instant startsUntil, Instant strikes) {
    static Term of(Guard guard, BootClock clock) {
        return new Term(guard, clock.at(guard.startsUntil()), clock.at(Deadlines.strikes(guard)));
    }

    /// Of a unit whose time is over.
    static Term over(UnitName unit, BootClock clock) {
        var now = clock.sinceBoot();
        return of(new Guard(unit, true, Duration.ZERO, now, now), clock);
    }

    boolean mayStart(Instant now) {
        return now.isBefore(startsUntil);
    }

    boolean hasStruck(Instant now) {
        return !now.isBefore(strikes);
    }
}
