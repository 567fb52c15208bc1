package io.flota.registry;

import com.google.protobuf.ByteString;
import io.flota.machine.Machine;
import io.flota.machine.MachineId;
import io.flota.machine.Policy;
import io.flota.unit.Endpoint;
import io.flota.unit.Failures;
import io.flota.unit.Placement;
import io.flota.unit.Unit;
import io.flota.unit.UnitName;
import io.flota.unit.UnitState;

/// One key of the registry with its decoded value.
public sealed interface Fact {
    record MachineFact(Machine machine) implements Fact {}

    record FileFact(String hash, ByteString bytes) implements Fact {}

    /// @param modRevision to compare on when the unit is changed
    record UnitFact(Unit unit, long modRevision) implements Fact {}

    /// @param modRevision to compare on when the placement is changed
    record PlacementFact(Placement placement, long modRevision) implements Fact {}

    /// @param modRevision to compare on when the policy is changed
    record PolicyFact(MachineId machine, Policy policy, long modRevision) implements Fact {}

    /// @param modRevision to compare on when the failures are changed
    record FailuresFact(MachineId machine, UnitName unit, Failures failures, long modRevision) implements Fact {}

    /// @param modRevision to compare on when the valve is changed
    record ValveFact(Valve valve, long modRevision) implements Fact {}

    /// @param modRevision to compare on when the endpoint is written over or deleted
    record EndpointFact(Endpoint endpoint, long modRevision) implements Fact {}

    record EventFact(String id, Happening happening) implements Fact {}

    record StateFact(MachineId machine, UnitName unit, UnitState state) implements Fact {}

    /// @param createRevision to compare on in whatever the leader writes
    record LeaderFact(Leader leader, long createRevision) implements Fact {}

    /// One that serves, whether it leads or not.
    record SchedulerFact(Leader scheduler) implements Fact {}

    /// @param apiAddress host:port of its API
    /// @param fleetAddress host:port at which it serves fleet's HTTP API; empty if it does not over TCP
    record Leader(String schedulerId, String apiAddress, String fleetAddress) {
        /// Of one that does not serve fleet's API.
        public Leader(String schedulerId, String apiAddress) {
            this(schedulerId, apiAddress, "");
        }
    }
}
