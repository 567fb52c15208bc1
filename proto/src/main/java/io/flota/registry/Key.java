package io.flota.registry;

import io.flota.machine.MachineId;
import io.flota.unit.UnitName;

/// What a key of the registry names: all that is left to know of a fact that was deleted.
public sealed interface Key {
    record MachineKey(MachineId machine) implements Key {}

    record FileKey(String hash) implements Key {}

    record UnitKey(UnitName unit) implements Key {}

    record PlacementKey(MachineId machine, UnitName unit) implements Key {}

    record StateKey(MachineId machine, UnitName unit) implements Key {}

    record LeaderKey() implements Key {}

    /// @param id of a scheduler, in words of the operator's
    record SchedulerKey(String id) implements Key {}

    record PolicyKey(MachineId machine) implements Key {}

    record FailuresKey(MachineId machine, UnitName unit) implements Key {}

    record ValveKey() implements Key {}

    record EndpointKey(String service, UnitName unit) implements Key {}

    record EventKey(String id) implements Key {}
}
