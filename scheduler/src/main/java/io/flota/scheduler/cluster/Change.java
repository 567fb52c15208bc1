package io.flota.scheduler.cluster;

import io.flota.machine.MachineId;
import io.flota.registry.Fact;
import io.flota.unit.UnitName;

/// One key of the registry that was written or is gone.
public sealed interface Change {
    record Written(Fact fact) implements Change {}

    record MachineGone(MachineId machine) implements Change {}

    record FileGone(String hash) implements Change {}

    record UnitGone(UnitName unit) implements Change {}

    record PlacementGone(MachineId machine, UnitName unit) implements Change {}

    record StateGone(MachineId machine, UnitName unit) implements Change {}

    record LeaderGone() implements Change {}
}
