package io.flota.scheduler.api;

import com.google.common.collect.ImmutableList;
import io.flota.api.v1.UnitIntent;
import io.flota.registry.Keys;
import io.flota.scheduler.cluster.Cluster;
import io.flota.scheduler.model.Model;
import io.flota.scheduler.model.View;
import io.flota.store.Outcome;
import io.flota.store.Store;
import io.flota.store.StoreException;
import io.flota.unit.UnitName;
import io.grpc.Status.Code;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/// Writes what operators want of units. All of a call is checked before anything of it is written; a call that is too
/// big for one transaction is written in several.
final class Registrar {
    /// How often a call is checked anew because others changed the same units meanwhile.
    private static final int MAX_LOST_RACES = 5;
    /// How long to wait for the view to contain what a write has shown us or made; it takes milliseconds as a rule.
    private static final Duration CATCH_UP = Duration.ofSeconds(2);

    private final Store store;
    private final Keys keys;
    private final Model model;

    Registrar(Store store, Keys keys, Model model) {
        this.store = store;
        this.keys = keys;
        this.model = model;
    }

    /// Decides on the cluster as it is known.
    private interface Check<T> {
        T decide(Cluster cluster) throws RefusedException;
    }

    /// @return the revision at which all is written
    long apply(List<UnitIntent> intents) throws RefusedException, InterruptedException {
        var changes = decide(cluster -> Registration.of(cluster, intents));
        var written = new HashSet<String>();
        long revision = model.latest().revision();
        for (int lostRaces = 0; !changes.isEmpty(); ) {
            var batch = UnitBatch.first(keys, changes);
            var outcome = commit(batch);
            if (outcome.committed()) {
                revision = outcome.revision();
                batch.names().forEach(written::add);
                changes = changes.subList(batch.names().size(), changes.size());
            } else if (++lostRaces > MAX_LOST_RACES) {
                throw new RefusedException(Code.ABORTED, "somebody else keeps changing the same units ("
                        + String.join(", ", batch.names()) + "): repeat the command");
            } else {
                model.await(outcome.revision(), CATCH_UP);
                changes = Registration.of(Outage.writable(model.latest()).cluster(), left(intents, written));
            }
        }
        model.await(revision, CATCH_UP);
        return revision;
    }

    private static ImmutableList<UnitIntent> left(List<UnitIntent> intents, Set<String> written) {
        return intents.stream()
                .filter(intent -> !written.contains(intent.getName()))
                .collect(ImmutableList.toImmutableList());
    }

    /// @return the revision at which all is gone
    long destroy(List<String> names) throws RefusedException, InterruptedException {
        var units = decide(cluster -> known(cluster, names));
        long revision = model.latest().revision();
        for (var batch : UnitBatch.removals(keys, units)) {
            revision = commit(batch).revision();
        }
        model.await(revision, CATCH_UP);
        return revision;
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

    private Outcome commit(UnitBatch batch) throws RefusedException {
        try {
            return store.commit(batch.transaction());
        } catch (StoreException e) {
            throw Outage.during(e);
        }
    }

    private View caughtUp() throws RefusedException, InterruptedException {
        try {
            return model.await(store.read(keys.leader()).revision(), CATCH_UP);
        } catch (StoreException e) {
            throw Outage.during(e);
        }
    }
}
