package io.flota.scheduler.placement;

import io.flota.registry.Fact.FileFact;
import io.flota.registry.Fact.MachineFact;
import io.flota.registry.Fact.StateFact;
import io.flota.registry.Fact.UnitFact;
import io.flota.scheduler.cluster.Change;
import io.flota.scheduler.cluster.Change.Written;
import io.flota.scheduler.cluster.Cluster;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Random;

/// A cluster from the facts of another, told in any order: what a scheduler knows that has just started.
final class RebuiltCluster {
    private RebuiltCluster() {}

    static Cluster of(Cluster cluster, Random random) {
        var facts = new ArrayList<Change>();
        cluster.machines().values().forEach(machine -> facts.add(new Written(new MachineFact(machine))));
        cluster.files().forEach((hash, bytes) -> facts.add(new Written(new FileFact(hash, bytes))));
        cluster.units().values().forEach(it -> facts.add(new Written(new UnitFact(it.unit(), it.modRevision()))));
        cluster.placements().values().forEach(byMachine -> byMachine
                .values()
                .forEach(placed -> facts.add(new Written(placed))));
        cluster.states().forEach((unit, byMachine) -> byMachine.forEach(
                (machine, state) -> facts.add(new Written(new StateFact(machine, unit, state)))));
        cluster.valve().ifPresent(valve -> facts.add(new Written(valve)));
        facts.addAll(cluster.policies().values().stream().map(Written::new).toList());
        cluster.failures().values().forEach(byMachine -> byMachine
                .values()
                .forEach(failed -> facts.add(new Written(failed))));
        Collections.shuffle(facts, random);
        return Cluster.EMPTY
                .with(cluster.revision(), facts)
                .with(cluster.losses())
                .with(cluster.wellFor())
                .at(cluster.moment());
    }
}
