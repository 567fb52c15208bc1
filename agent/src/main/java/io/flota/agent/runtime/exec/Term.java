package io.flota.agent.runtime.exec;

import io.flota.agent.runtime.guard.Deadlines;
import io.flota.agent.steps.Guard;
import io.flota.unit.PartitionRules;
import io.flota.unit.UnitName;
import java.time.Instant;
import java.util.Optional;

/// A [Guard], by the [BootClock].
///
/// @param strikes when the unit is killed: a moment before it has to be over, as killing takes its time
record Term(Guard guard, Instant startsUntil, Instant strikes) {
    static Term of(Guard guard, BootClock clock) {
        return new Term(guard, clock.at(guard.startsUntil()), clock.at(Deadlines.strikes(guard)));
    }

    /// See [Deadlines#found].
    static Optional<Term> found(UnitName unit, PartitionRules rules, BootClock clock) {
        return Deadlines.found(unit, rules, clock.sinceBoot()).map(guard -> of(guard, clock));
    }

    boolean mayStart(Instant now) {
        return now.isBefore(startsUntil);
    }

    boolean hasStruck(Instant now) {
        return !now.isBefore(strikes);
    }
}
