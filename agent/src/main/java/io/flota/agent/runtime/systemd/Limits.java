package io.flota.agent.runtime.systemd;

import io.flota.unit.UnitProperties;

/// What is to hold over a unit's file.
///
/// @param problem why it does not; empty if it does, or is yet to be set
record Limits(UnitProperties wanted, String problem) {
    static final Limits NONE = new Limits(UnitProperties.NONE, "");

    Limits because(String why) {
        return new Limits(wanted, why);
    }
}
