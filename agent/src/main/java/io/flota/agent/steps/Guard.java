package io.flota.agent.steps;

import io.flota.unit.UnitName;
import java.time.Duration;

/// Until when a unit may live, unless it is told otherwise by then. Times are since the machine's boot.
///
/// @param exclusive whether it must be over before the machine's lease can have ended; else it is after that
/// @param grace for how long it may go on after the end of the lease, if it is not exclusive
/// @param startsUntil from then on it is not started, and told to stop
/// @param livesUntil from then on nothing of it is left
public record Guard(UnitName unit, boolean exclusive, Duration grace, Duration startsUntil, Duration livesUntil) {}
