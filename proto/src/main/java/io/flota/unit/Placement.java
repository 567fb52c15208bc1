package io.flota.unit;

import io.flota.machine.MachineId;

/// The leader's decision that a unit is on a machine.
///
/// @param target what the machine is to make of it; [DesiredState#INACTIVE]: stop it and report so, for it moves on
/// @param generation the unit's generation that is to run
/// @param id new with each placement
/// @param reason why here, in words
public record Placement(
        MachineId machine, UnitName unit, String fileHash, DesiredState target, long generation, String id,
        String reason) {}
