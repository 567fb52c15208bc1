package io.flota.simulation;

import io.flota.machine.MachineId;
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
import io.flota.unit.UnitName;
import java.util.ArrayList;
import java.util.Optional;
import java.util.function.Consumer;

/// Checks each decision of one leader against the rules, as the cluster was known to it when it decided.
final class PlacementCheck {
    private final Codec codec = new Codec(Keys.DEFAULT);
    private final Consumer<String> breach;
    private Cluster known = Cluster.EMPTY;

    PlacementCheck(Consumer<String> breach) {
        this.breach = breach;
    }

    /// @param goesOn whether this is one more part of the plan that the last write belonged to
    void check(Cluster view, Transaction transaction, boolean goesOn) {
        var before = goesOn ? known : view;
        var changes = new ArrayList<Change>();
        var placed = new ArrayList<Placement>();
        for (var write : transaction.writes()) {
            change(write, before.revision()).ifPresent(change -> {
                changes.add(change);
                if (change instanceof Change.Written(PlacementFact(var placement, var _))) {
                    placed.add(placement);
                }
            });
        }
        known = before.with(before.revision(), changes);
        placed.stream().filter(one -> isNew(one, before)).forEach(this::mustFit);
    }

    private Optional<Change> change(Transaction.Write write, long revision) {
        return switch (write) {
            case Transaction.Put(var key, var value, long lease) ->
                codec.decode(new Entry(key, value, revision, revision, lease)).map(Change.Written::new);
            case Transaction.Delete(var key) -> Keys.DEFAULT.parse(key).map(Change.Removed::new);
        };
    }

    private static boolean isNew(Placement placement, Cluster before) {
        return placement.target() != DesiredState.INACTIVE
                && !before.placementsOf(placement.unit()).containsKey(placement.machine());
    }

    private void mustFit(Placement placement) {
        UnitName unit = placement.unit();
        MachineId machine = placement.machine();
        PlanCheck.whyNot(known, unit, machine)
                .ifPresent(why -> breach.accept(unit + " was placed on " + machine.shortened() + ": " + why));
    }
}
