package io.flota.agent.steps;

import io.flota.unit.UnitName;

/// One thing to do about one unit, and why.
public sealed interface Step {
    UnitName unit();

    /// In words, for the log.
    String because();

    record Stop(UnitName unit, String because) implements Step {}

    record Unload(UnitName unit, String because) implements Step {}

    record Load(UnitName unit, String fileHash, String because) implements Step {}

    /// @param generation the unit's generation that is to run
    record Start(UnitName unit, long generation, String because) implements Step {}
}
