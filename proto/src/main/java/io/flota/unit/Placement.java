package io.flota.unit;

import com.google.protobuf.ByteString;
import io.flota.machine.MachineId;

/// The leader's decision that a unit is on a machine.
///
/// @param target what the machine is to make of it; [DesiredState#INACTIVE]: stop it and report so, for it moves on
/// @param generation the unit's generation that is to run
/// @param id new with each placement
/// @param reason why here, in words
/// @param exclusive whether the file says `Exclusive=true`: told here since the file may be forgotten before the
///     placement is
/// @param properties what the operator has set over the file; taken on while the unit runs
/// @param unread what a newer version wrote of it besides, in protobuf: whoever rewrites the placement keeps that
public record Placement(
        MachineId machine, UnitName unit, String fileHash, DesiredState target, long generation, String id,
        String reason, boolean exclusive, UnitProperties properties, ByteString unread) {

    /// Of a unit that is not exclusive.
    public Placement(
            MachineId machine, UnitName unit, String fileHash, DesiredState target, long generation, String id,
            String reason) {
        this(machine, unit, fileHash, target, generation, id, reason, false);
    }

    /// Of a unit with the properties of its file, and of which there is nothing besides.
    public Placement(
            MachineId machine, UnitName unit, String fileHash, DesiredState target, long generation, String id,
            String reason, boolean exclusive) {
        this(machine, unit, fileHash, target, generation, id, reason, exclusive, UnitProperties.NONE, ByteString.EMPTY);
    }
}
