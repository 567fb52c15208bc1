package io.flota.unit;

import java.time.Duration;

/// What a unit stands by for: it is loaded on another machine, and runs while that one is not active and healthy.
///
/// @param primary the unit that it stands in for
/// @param hold for how long that one has to be active and healthy before this one stops again
public record Standby(UnitName primary, Duration hold) {
    public static final Duration DEFAULT_HOLD = Duration.ofSeconds(30);
}
