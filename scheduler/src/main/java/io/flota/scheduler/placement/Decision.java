package io.flota.scheduler.placement;

import io.flota.machine.MachineId;
import io.flota.registry.Fact.FailuresFact;
import io.flota.registry.Fact.PlacementFact;
import io.flota.scheduler.cluster.RegisteredUnit;
import io.flota.unit.Failures;
import io.flota.unit.UnitName;
import io.flota.unit.UnitState;
import java.util.Optional;

/// One thing that the leader does, or cannot do, with its reason in words. Each but [Wait] changes placements; no two
/// decisions of a plan touch the same one. Who carries them out compares what they were made from (the unit's and
/// the placement's mod revision) and gives each written placement a new id.
public sealed interface Decision {
    UnitName name();

    String reason();

    /// The unit is put on a machine where it has no placement.
    record Place(RegisteredUnit unit, MachineId machine, String reason) implements Decision {
        @Override
        public UnitName name() {
            return unit.name();
        }
    }

    /// The unit's placement is replaced by one on another machine, in one transaction: where it was, it is down or
    /// the machine is lost, and is still away when this is carried out.
    record Move(RegisteredUnit unit, PlacementFact from, MachineId to, String reason) implements Decision {
        @Override
        public UnitName name() {
            return unit.name();
        }
    }

    /// The placement stays where it is and takes the unit's file, desired state and generation.
    record Update(RegisteredUnit unit, PlacementFact placement, String reason) implements Decision {
        @Override
        public UnitName name() {
            return unit.name();
        }
    }

    /// The placement is rewritten with target [io.flota.unit.DesiredState#INACTIVE]: the unit is to stop there. What
    /// comes next, a Move or a Remove, waits for the machine to report it down.
    record Release(PlacementFact placement, String reason) implements Decision {
        @Override
        public UnitName name() {
            return placement.placement().unit();
        }
    }

    /// The unit keeps failing where it is: it is released there and rests, until it is tried again, there or elsewhere.
    ///
    /// @param before what was remembered of its failures there
    /// @param after with this one, of which the id of the released placement is still to be filled in
    record GiveUp(
            RegisteredUnit unit, PlacementFact placement, Optional<FailuresFact> before, Failures after, String reason)
            implements Decision {
        @Override
        public UnitName name() {
            return unit.name();
        }
    }

    /// The placement is deleted; the machine, if it is there, stops and forgets the unit. One that is lost is still
    /// away when this is carried out.
    record Remove(PlacementFact placement, String reason) implements Decision {
        @Override
        public UnitName name() {
            return placement.placement().unit();
        }
    }

    /// A unit runs on a machine where it is not placed, and asks to stay: it is placed there with target
    /// [io.flota.unit.DesiredState#INACTIVE], so that it stops and the machine says so.
    record Dismiss(UnitName name, MachineId machine, UnitState state, String reason) implements Decision {}

    /// The unit is wanted, runs nowhere by the plan, and nothing can be done now. Why, machine by machine:
    /// [Plan#refusals].
    record Wait(UnitName name, String reason) implements Decision {}
}
