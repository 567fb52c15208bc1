package io.flota.scheduler.leading;

import com.google.protobuf.ByteString;
import io.flota.machine.MachineId;
import io.flota.registry.Fact.PlacementFact;
import io.flota.registry.PlacementChange;
import io.flota.scheduler.cluster.Cluster;
import io.flota.scheduler.cluster.RegisteredUnit;
import io.flota.scheduler.placement.Decision;
import io.flota.scheduler.placement.Decision.Dismiss;
import io.flota.scheduler.placement.Decision.GiveUp;
import io.flota.scheduler.placement.Decision.Move;
import io.flota.scheduler.placement.Decision.Place;
import io.flota.scheduler.placement.Decision.Release;
import io.flota.scheduler.placement.Decision.Remove;
import io.flota.scheduler.placement.Decision.Update;
import io.flota.scheduler.placement.Decision.Wait;
import io.flota.unit.DesiredState;
import io.flota.unit.Placement;
import java.util.Optional;
import java.util.function.Supplier;

/// Decisions as changes of the registry, and in words.
///
/// @param ids a new placement id each time
/// @param cluster what the decisions were made from
record Placements(Supplier<String> ids, Cluster cluster) {
    /// Empty for a decision to wait.
    Optional<PlacementChange> change(Decision decision) {
        return switch (decision) {
            case Place(var unit, var machine, var reason) ->
                provided(unit, new PlacementChange.Place(placement(unit, machine, reason)));
            case Move(var unit, var from, var to, var reason) ->
                provided(
                        unit,
                        whileAway(
                                from,
                                new PlacementChange.Move(
                                        from.placement().machine(), from.modRevision(), placement(unit, to, reason))));
            case Update(var unit, var placed, var reason) -> {
                var kept = placed.placement();
                boolean back = kept.target() == DesiredState.INACTIVE; // else why it is there has not changed
                yield provided(
                        unit,
                        new PlacementChange.Rewrite(
                                placement(unit, kept.machine(), back ? reason : kept.reason(), kept.unread()),
                                placed.modRevision()));
            }
            case Release(var placed, var reason) -> Optional.of(released(placed, reason));
            case GiveUp(var unit, var placed, var before, var after, var reason) -> {
                var released = released(placed, reason);
                var failed = after.under(released.placement().id());
                var recount = new PlacementChange.Recount(
                        placed.placement().machine(), unit.name(), before, Optional.of(failed));
                yield provided(unit, new PlacementChange.Both(released, recount));
            }
            case Remove(var placed, var _) ->
                Optional.of(whileAway(
                        placed,
                        new PlacementChange.Remove(
                                placed.placement().machine(), placed.placement().unit(), placed.modRevision())));
            case Dismiss(var unit, var machine, var state, var reason) ->
                Optional.of(new PlacementChange.Place(new Placement(
                        machine, unit, state.fileHash(), DesiredState.INACTIVE, state.generation(), ids.get(), reason)));
            case Wait _ -> Optional.empty();
        };
    }

    /// As the log tells what was done: where, and from where.
    static String words(Decision decision) {
        return switch (decision) {
            case Place(var _, var machine, var _) -> "placed machine=" + machine.shortened();
            case Move(var _, var from, var to, var _) ->
                "moved machine=" + to.shortened() + " from=" + from.placement().machine().shortened();
            case Update(var _, var placed, var _) -> "updated machine=" + shortened(placed);
            case Release(var placed, var _) -> "released machine=" + shortened(placed);
            case GiveUp(_, var placed, _, _, _) -> "gave up machine=" + shortened(placed);
            case Remove(var placed, var _) -> "removed machine=" + shortened(placed);
            case Dismiss(var _, var machine, var _, var _) -> "dismissed machine=" + machine.shortened();
            case Wait _ -> "waits";
        };
    }

    private static String shortened(PlacementFact placed) {
        return placed.placement().machine().shortened();
    }

    private static Optional<PlacementChange> provided(RegisteredUnit unit, PlacementChange change) {
        return Optional.of(new PlacementChange.WhileUnchanged(unit.name(), unit.modRevision(), change));
    }

    /// A machine that was lost to the one who decided, and has returned, keeps what it has.
    private PlacementChange whileAway(PlacementFact left, PlacementChange change) {
        var machine = left.placement().machine();
        return cluster.machines().containsKey(machine) ? change : new PlacementChange.WhileAway(machine, change);
    }

    private Placement placement(RegisteredUnit registered, MachineId machine, String reason) {
        return placement(registered, machine, reason, ByteString.EMPTY);
    }

    private Placement placement(RegisteredUnit registered, MachineId machine, String reason, ByteString unread) {
        var unit = registered.unit();
        return new Placement(
                machine, unit.name(), unit.fileHash(), unit.desired(), unit.generation(), ids.get(), reason,
                registered.isExclusive(), unit.properties(), unread);
    }

    private PlacementChange.Rewrite released(PlacementFact placed, String reason) {
        var before = placed.placement();
        return new PlacementChange.Rewrite(
                new Placement(
                        before.machine(),
                        before.unit(),
                        before.fileHash(),
                        DesiredState.INACTIVE,
                        before.generation(),
                        ids.get(),
                        reason,
                        before.exclusive(),
                        before.properties(),
                        before.unread()),
                placed.modRevision());
    }
}
