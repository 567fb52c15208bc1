package io.flota.registry;

import io.flota.machine.MachineId;
import io.flota.unit.UnitName;
import java.time.Instant;
import java.util.Optional;

/// What happened to a unit or a machine, and why: what `events/` keeps for a day.
///
/// @param at by the clock of who tells it
/// @param reason in words
/// @param source scheduler id or machine id of who tells it
/// @param placementId empty if it has to do with no placement
public record Happening(
        Instant at,
        Kind kind,
        Optional<UnitName> unit,
        Optional<MachineId> machine,
        String reason,
        String source,
        String placementId) {
    public enum Kind {
        PLACED,
        MOVED,
        UPDATED,
        RELEASED,
        REMOVED,
        STARTED,
        STOPPED,
        FAILED,
        MACHINE_LOST,
        MACHINE_RETURNED,
        VALVE_CLOSED,
        VALVE_OPENED,
        LEADER_CHANGED,
        FENCED
    }
}
