package io.flota.simulation;

import io.flota.registry.Codec;
import io.flota.registry.Fact.PlacementFact;
import io.flota.registry.Keys;
import io.flota.scheduler.cluster.Change;
import io.flota.scheduler.cluster.Cluster;
import io.flota.scheduler.placement.PlanCheck;
import io.flota.store.Entry;
import io.flota.store.Transaction;
import io.flota.unit.DesiredState;
import io.flota.unit.Placement;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/// Checks each decision of one leader against the rules, as the cluster was known to it when it decided.
final class PlacementCheck {
    private final Codec codec = new Codec(Keys.DEFAULT);
    private final Consumer<String> breach;
    private List<Known> known = List.of();

    /// @param begun what the plan was made from
    /// @param planned what it has made of that up to now
    private record Known(Cluster begun, Cluster planned) {}

    PlacementCheck(Consumer<String> breach) {
        this.breach = breach;
    }

    /// @param views what the leader knew in the last moments: one of them is what it decided on
    /// @param goesOn whether this is one more part of the plan that the last write belonged to
    void check(List<Cluster> views, Transaction transaction, boolean goesOn) {
        var problems = new ArrayList<String>();
        var sound = new ArrayList<Known>();
        for (var start : goesOn ? known : views.stream().map(view -> new Known(view, view)).toList()) {
            var before = start.planned();
            var changes = transaction.writes().stream()
                    .flatMap(write -> change(write, before.revision()).stream())
                    .toList();
            var after = new Known(start.begun(), before.with(before.revision(), changes));
            var misfit = changes.stream()
                    .flatMap(change -> placed(change, before).stream())
                    .flatMap(placement -> misfit(placement, after).stream())
                    .findFirst();
            misfit.ifPresentOrElse(problems::add, () -> sound.add(after));
        }
        if (sound.isEmpty()) {
            breach.accept(problems.getLast());
        } else {
            known = List.copyOf(sound);
        }
    }

    private static Optional<Placement> placed(Change change, Cluster before) {
        return change instanceof Change.Written(PlacementFact(var placement, var _)) && isNew(placement, before)
                ? Optional.of(placement)
                : Optional.empty();
    }

    private Optional<Change> change(Transaction.Write write, long revision) {
        return switch (write) {
            case Transaction.Put(var key, var value, long lease) ->
                codec.decode(new Entry(key, value, revision, revision, lease)).map(Change.Written::new);
            case Transaction.Delete(var key) -> Keys.DEFAULT.parse(key).map(Change.Removed::new);
        };
    }

    private static boolean isNew(Placement placement, Cluster before) {
        var last = Optional.ofNullable(before.placementsOf(placement.unit()).get(placement.machine()));
        return placement.target() != DesiredState.INACTIVE
                && last.filter(placed -> placed.placement().target() != DesiredState.INACTIVE)
                        .isEmpty();
    }

    private static Optional<String> misfit(Placement placement, Known after) {
        var unit = placement.unit();
        var machine = placement.machine();
        return PlanCheck.whyNotStarted(after.begun(), after.planned(), unit, machine)
                .map(why -> placement.unit() + " was placed on " + machine.shortened() + ": " + why);
    }
}
