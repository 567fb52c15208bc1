package io.flota.agent.steps;

import io.flota.unit.UnitName;
import io.flota.unit.UnitProperties;

/// One thing to do about one unit, and why.
public sealed interface Step {
    UnitName unit();

    /// In words, for the log.
    String because();

    /// No longer to be announced, as it is to be stopped soon.
    record Drain(UnitName unit, String because) implements Step {}

    record Stop(UnitName unit, String because) implements Step {}

    record Unload(UnitName unit, String because) implements Step {}

    record Load(UnitName unit, String fileHash, String because) implements Step {}

    /// Limits that are to hold at once, whether it runs or not.
    record SetProperties(UnitName unit, UnitProperties properties, String because) implements Step {}

    /// @param generation the unit's generation that is to run
    record Start(UnitName unit, long generation, String because) implements Step {}
}
