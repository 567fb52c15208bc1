package io.flota.unit;

import io.flota.machine.MachineId;

/// The leader's decision that a unit is on a machine.
///
/// @param target what the machine is to make of it; [DesiredState#INACTIVE]: stop it and report so, for it moves on
/// @param generation the unit's generation that is to run
/// @param id new with each placement
/// @param reason why here, in words
/// @param exclusive whether the file says `Exclusive=true`: told here since the file may be forgotten before the
///     placement is
public record Placement(
        MachineId machine, UnitName unit, String fileHash, DesiredState target, long generation, String id,
        String reason, boolean exclusive) {

    /// Of a unit that is not exclusive.
    public Placement(
            MachineId machine, UnitName unit, String fileHash, DesiredState target, long generation, String id,
            String reason) {
        this(machine, unit, fileHash, target, generation, id, reason, false);
    }
}
