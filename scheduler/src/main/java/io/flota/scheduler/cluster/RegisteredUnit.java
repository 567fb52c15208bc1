package io.flota.scheduler.cluster;

import io.flota.unit.DesiredState;
import io.flota.unit.PlacementRules;
import io.flota.unit.Unit;
import io.flota.unit.UnitFile;
import io.flota.unit.UnitName;

/// A unit with what its file says.
///
/// @param modRevision to compare on when the unit is changed
public record RegisteredUnit(Unit unit, long modRevision, Contents contents) {
    /// What became of reading the unit's file.
    public sealed interface Contents {}

    public record Readable(UnitFile file, PlacementRules rules) implements Contents {}

    /// @param problem one line for an operator
    public record Unreadable(String problem) implements Contents {}

    public UnitName name() {
        return unit.name();
    }

    /// Whether it is to be on a machine.
    public boolean isWanted() {
        return unit.desired() != DesiredState.INACTIVE;
    }

    /// Whether it is to be on every machine that fits. A unit whose file cannot be read is taken for an ordinary one.
    public boolean isGlobal() {
        return contents instanceof Readable readable && readable.rules().global();
    }
}
