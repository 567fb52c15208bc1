package io.flota.scheduler.api;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import io.flota.api.v1.UnitIntent;
import io.flota.registry.Fact.UnitFact;
import io.flota.registry.Fact.ValveFact;
import io.flota.registry.Registry;
import io.flota.registry.UnitChange;
import io.flota.scheduler.cluster.Cluster;
import io.flota.scheduler.model.Model;
import io.flota.scheduler.model.View;
import io.flota.store.Outcome;
import io.flota.store.StoreException;
import io.flota.unit.UnitName;
import io.grpc.Status.Code;
import java.time.Duration;
import java.util.List;

/// Writes what operators want of units. All of a call is checked before anything of it is written; a call that is too
/// big for one transaction is written in several.
public final class Registrar {
    /// How often a call is checked anew because others changed the same units meanwhile.
    private static final int MAX_LOST_RACES = 5;
    /// How long to wait for the view to contain what a write has shown us or made; it takes milliseconds as a rule.
    private static final Duration CATCH_UP = Duration.ofSeconds(2);

    private final Registry registry;
    private final Model model;

    public Registrar(Registry registry, Model model) {
        this.registry = registry;
        this.model = model;
    }

    /// Decides on the cluster as it is known.
    private interface Check<T> {
        T decide(Cluster cluster) throws RefusedException;
    }

    /// Makes changes of intents.
    private interface Registering {
        ImmutableList<UnitChange> of(Cluster cluster, List<UnitIntent> intents) throws RefusedException;
    }

    /// @return the revision at which all is written
    public long apply(List<UnitIntent> intents) throws RefusedException, InterruptedException {
        return apply(intents, Registration::of);
    }

    /// The same for registered units only: one that is destroyed meanwhile does not come back by its template.
    ///
    /// @return the revision at which all is written
    public long update(List<UnitIntent> intents) throws RefusedException, InterruptedException {
        return apply(intents, (cluster, left) -> {
            var _ = known(cluster, left.stream().map(UnitIntent::getName).toList());
            return Registration.of(cluster, left);
        });
    }

    private long apply(List<UnitIntent> intents, Registering registering) throws RefusedException, InterruptedException {
        var changes = decide(cluster -> registering.of(cluster, intents));
        for (int lostRaces = 0; !changes.isEmpty(); lostRaces++) {
            var outcome = put(changes);
            if (outcome.committed()) {
                model.await(outcome.revision(), CATCH_UP);
                return outcome.revision();
            }
            if (lostRaces == MAX_LOST_RACES) {
                throw new RefusedException(
                        Code.ABORTED, "somebody else keeps changing the same units: repeat the command");
            }
            model.await(outcome.revision(), CATCH_UP);
            changes = registering.of(model.latest().cluster(), left(intents, changes));
        }
        return model.latest().revision();
    }

    /// What a call that was written in part, or not at all, has still to do.
    private List<UnitIntent> left(List<UnitIntent> intents, List<UnitChange> changes) {
        var units = model.latest().cluster().units();
        var done = changes.stream()
                .map(UnitChange::unit)
                .filter(unit -> units.containsKey(unit.name()) && units.get(unit.name()).unit().equals(unit))
                .map(unit -> unit.name().full())
                .collect(ImmutableSet.toImmutableSet());
        return intents.stream().filter(intent -> !done.contains(intent.getName())).toList();
    }

    /// @return the revision at which all is gone
    public long destroy(List<String> names) throws RefusedException, InterruptedException {
        var units = decide(cluster -> known(cluster, names));
        if (units.isEmpty()) {
            return model.latest().revision();
        }
        try {
            long revision = registry.deleteUnits(units).revision();
            model.await(revision, CATCH_UP);
            return revision;
        } catch (StoreException e) {
            throw Outage.during(e);
        }
    }

    /// @return the revision at which it is released
    long releaseValve() throws RefusedException, InterruptedException {
        for (int lostRaces = 0; lostRaces <= MAX_LOST_RACES; lostRaces++) {
            var valve = decide(Registrar::closed);
            if (valve.valve().released()) {
                return model.latest().revision();
            }
            try {
                var outcome = registry.releaseValve(valve);
                model.await(outcome.revision(), CATCH_UP);
                if (outcome.committed()) {
                    return outcome.revision();
                }
            } catch (StoreException e) {
                throw Outage.during(e);
            }
        }
        throw new RefusedException(Code.ABORTED, "the valve keeps changing: repeat the command");
    }

    private static ValveFact closed(Cluster cluster) throws RefusedException {
        return cluster.valve().orElseThrow(() -> new RefusedException(
                Code.FAILED_PRECONDITION, "the valve is open: no unit is held back, so there is nothing to release"));
    }

    private static ImmutableList<UnitName> known(Cluster cluster, List<String> names) throws RefusedException {
        var problems = new Problems();
        for (String name : names) {
            var illegal = UnitName.problem(name);
            if (illegal.isPresent()) {
                problems.add(Code.INVALID_ARGUMENT, "\"" + name + "\": " + illegal.get());
            } else if (!cluster.units().containsKey(new UnitName(name))) {
                problems.add(Code.NOT_FOUND, "unit " + name + " is not registered");
            }
        }
        problems.refuseIfAny();
        return names.stream().distinct().map(UnitName::new).collect(ImmutableList.toImmutableList());
    }

    /// Nobody is refused because our view is a moment behind: before a refusal stands, it is made again on a view
    /// that is no older than the call.
    private <T> T decide(Check<T> check) throws RefusedException, InterruptedException {
        var view = Outage.writable(model.latest());
        try {
            return check.decide(view.cluster());
        } catch (RefusedException refusal) {
            if (refusal.status().getCode() == Code.INVALID_ARGUMENT) {
                throw refusal;
            }
            return check.decide(caughtUp().cluster());
        }
    }

    private Outcome put(List<UnitChange> changes) throws RefusedException {
        try {
            return registry.putUnits(changes);
        } catch (StoreException e) {
            throw Outage.during(e);
        }
    }

    /// The cluster with all units that were registered when this was asked for.
    public Cluster newest() throws RefusedException, InterruptedException {
        return caughtUp().cluster();
    }

    private View caughtUp() throws RefusedException, InterruptedException {
        try {
            long newest = registry.units().values().stream().mapToLong(UnitFact::modRevision).max().orElse(0);
            return model.await(newest, CATCH_UP);
        } catch (StoreException e) {
            throw Outage.during(e);
        }
    }
}
