package io.flota.agent.runtime.exec;

import io.flota.agent.runtime.guard.Deadlines;
import io.flota.agent.steps.Guard;
import io.flota.unit.PartitionRules;
import io.flota.unit.UnitName;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/// A [Guard], by the [BootClock].
///
/// @param strikes when the unit is killed: a moment before it has to be over, as killing takes its time
record Term(Guard guard, Instant startsUntil, Instant strikes) {
    /// Long enough for an agent to get a lease where all is well.
    private static final Duration FIRST_LEASE = Duration.ofMinutes(1);
    /// systemd's DefaultTimeoutStopSec.
    private static final Duration STOPPING = Duration.ofSeconds(90);

    static Term of(Guard guard, BootClock clock) {
        return new Term(guard, clock.at(guard.startsUntil()), clock.at(Deadlines.strikes(guard)));
    }

    /// Of a unit that was found up without a guard, as an agent of an earlier version may have left it; empty if it
    /// needs none. The time of an exclusive one is over, for it lacks an epoch too. Another one is healthy and has time
    /// until this agent has a lease of its own.
    static Optional<Term> found(UnitName unit, PartitionRules rules, BootClock clock) {
        var now = clock.sinceBoot();
        if (rules.exclusive()) {
            return Optional.of(of(new Guard(unit, true, Duration.ZERO, now, now), clock));
        }
        var over = now.plus(FIRST_LEASE).plus(rules.grace());
        return switch (rules.onDisconnect()) {
            case RUN -> Optional.empty();
            case STOP -> Optional.of(of(new Guard(unit, false, rules.grace(), over, over.plus(STOPPING)), clock));
        };
    }

    boolean mayStart(Instant now) {
        return now.isBefore(startsUntil);
    }

    boolean hasStruck(Instant now) {
        return !now.isBefore(strikes);
    }
}
