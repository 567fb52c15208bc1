package io.flota.registry;

import io.flota.machine.MachineId;
import io.flota.registry.Fact.EventFact;
import io.flota.registry.Fact.FailuresFact;
import io.flota.store.Lease;
import io.flota.unit.Failures;
import io.flota.unit.Placement;
import io.flota.unit.UnitName;
import java.util.Optional;

/// One change that a leader makes. Revisions are those of the placement that the decision was made from.
public sealed interface PlacementChange {
    /// The placement that it writes; empty if it writes none.
    default Optional<Placement> placed() {
        return switch (this) {
            case Place(var placement) -> Optional.of(placement);
            case Rewrite(var placement, _) -> Optional.of(placement);
            case Move(_, _, var to) -> Optional.of(to);
            case Remove _, Recount _ -> Optional.empty();
            case Both(var one, var other) -> one.placed().or(other::placed);
            case WhileUnchanged(_, _, var change) -> change.placed();
            case WhileAway(_, var change) -> change.placed();
            case Told(_, _, var change) -> change.placed();
        };
    }

    /// The unit is not placed on that machine yet.
    record Place(Placement placement) implements PlacementChange {}

    /// Another target, file, generation or id for a placement.
    record Rewrite(Placement placement, long modRevision) implements PlacementChange {}

    record Remove(MachineId machine, UnitName unit, long modRevision) implements PlacementChange {}

    /// Removes the unit's placement on one machine and places it on another one, as one step.
    record Move(MachineId from, long modRevision, Placement to) implements PlacementChange {}

    /// What is remembered of a unit's failures on a machine.
    ///
    /// @param before as it is registered now, which must still be so when this is written; empty: nothing is
    /// @param after empty: nothing is kept
    record Recount(MachineId machine, UnitName unit, Optional<FailuresFact> before, Optional<Failures> after)
            implements PlacementChange {}

    /// Two changes that are made as one.
    record Both(PlacementChange one, PlacementChange other) implements PlacementChange {}

    /// A change that is made only if the unit is registered as it was when the decision was made: nothing is started
    /// that the operator has stopped or destroyed meanwhile.
    record WhileUnchanged(UnitName unit, long modRevision, PlacementChange change) implements PlacementChange {}

    /// A change that is made only while a machine is away: nothing is taken from one that has returned meanwhile.
    record WhileAway(MachineId machine, PlacementChange change) implements PlacementChange {}

    /// A change that is told in the same transaction.
    ///
    /// @param lease after which the event is forgotten
    record Told(EventFact event, Lease lease, PlacementChange change) implements PlacementChange {}
}
