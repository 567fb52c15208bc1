package io.flota.simulation;

import com.google.common.collect.ImmutableSortedSet;
import io.flota.machine.MachineId;
import io.flota.registry.Codec;
import io.flota.registry.Fact.EndpointFact;
import io.flota.registry.Fact.PlacementFact;
import io.flota.registry.Keys;
import io.flota.scheduler.cluster.ChangeReader;
import io.flota.scheduler.cluster.Cluster;
import io.flota.scheduler.cluster.Losses;
import io.flota.scheduler.cluster.RegisteredUnit;
import io.flota.scheduler.placement.PlanCheck;
import io.flota.unit.DesiredState;
import io.flota.unit.Placement;
import io.flota.unit.Standby;
import io.flota.unit.UnitName;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Locale;
import java.util.Optional;
import java.util.TreeSet;
import java.util.stream.Collectors;

/// Whether a cluster that has been left in peace is as its operators want it: every unit that fits runs, nothing else
/// runs, and etcd holds nothing that is of no use.
final class FinalCheck {
    private final SimCluster cluster;
    private final Cluster truth;
    private final List<String> breaches = new ArrayList<>();

    private FinalCheck(SimCluster cluster) {
        this.cluster = cluster;
        var snapshot = cluster.history().truth().of(Keys.DEFAULT.prefix());
        var all = Cluster.EMPTY.with(
                snapshot.revision(), new ChangeReader(Keys.DEFAULT, new Codec(Keys.DEFAULT)).read(snapshot));
        var fenced = cluster.machines().stream()
                .filter(SimMachine::isGone)
                .map(SimMachine::id)
                .collect(ImmutableSortedSet.toImmutableSortedSet(MachineId::compareTo));
        this.truth = all.with(new Losses(false, fenced));
    }

    /// One line for each thing that is not as it should be.
    static List<String> breaches(SimCluster cluster) {
        var check = new FinalCheck(cluster);
        check.everybodyIsThere();
        check.breaches.addAll(PlanCheck.misplaced(check.truth));
        check.breaches.addAll(PlanCheck.forgotten(check.truth));
        cluster.machines().stream().filter(machine -> !machine.isGone()).forEach(check::runsWhatIsPlaced);
        check.truth.units().values().stream()
                .filter(unit -> unit.unit().desired() == DesiredState.LAUNCHED)
                .forEach(unit -> unit.standby().ifPresent(standby -> check.oneOfTwoRuns(unit, standby)));
        check.whoRunsIsAnnounced(cluster);
        check.nothingIsLeftOver();
        return check.breaches;
    }

    /// Units that keep failing, and are tried again and again.
    static ImmutableSortedSet<UnitName> triedAgain(SimCluster cluster) {
        return ImmutableSortedSet.copyOf(new FinalCheck(cluster).truth.failures().keySet());
    }

    private void everybodyIsThere() {
        for (var machine : cluster.machines()) {
            breachIf(
                    truth.machines().containsKey(machine.id()) == machine.isGone(),
                    machine + (machine.isGone() ? " is gone and registered" : " has not registered"));
        }
        breachIf(truth.leader().isEmpty(), "nobody leads");
        breachIf(truth.valve().filter(valve -> !valve.valve().released()).isPresent(), "the valve is closed");
        truth.valve().ifPresent(fact -> fact.valve().lost().stream()
                .filter(truth.machines()::containsKey)
                .forEach(machine -> breachIf(true, "the valve names " + machine.shortened() + ", which is there")));
    }

    private void runsWhatIsPlaced(SimMachine machine) {
        var placed = new TreeSet<UnitName>();
        truth.placements().forEach((unit, byMachine) -> {
            var here = byMachine.get(machine.id());
            if (here != null) {
                placed.add(unit);
                runs(machine, here);
            }
        });
        for (var unit : machine.systemd().known()) {
            breachIf(!placed.contains(unit), machine + " still has " + unit);
        }
        var reported = truth.states().entrySet().stream()
                .filter(unit -> unit.getValue().containsKey(machine.id()))
                .map(Map.Entry::getKey)
                .collect(Collectors.toCollection(TreeSet::new));
        breachIf(!reported.equals(placed), machine + " has " + placed + " and reports " + reported);
    }

    private void runs(SimMachine machine, PlacementFact fact) {
        Placement placement = fact.placement();
        var systemd = machine.systemd();
        boolean well = switch (placement.target()) {
            case LAUNCHED ->
                systemd.runs(placement.unit(), placement.generation(), placement.fileHash())
                        || systemd.keepsFailing(placement.unit(), placement.fileHash());
            case LOADED -> systemd.known().contains(placement.unit())
                    && !systemd.running().contains(placement.unit());
            // It rests until it is tried again.
            case INACTIVE -> !systemd.running().contains(placement.unit()) && isResting(placement);
            case UNKNOWN -> false; // all are of one version here
        };
        breachIf(!well, placement.unit() + " is not " + placement.target().name().toLowerCase(Locale.ROOT) + " on " + machine);
    }

    /// Each unit that stands by for another runs if that one does not, and only then.
    private void oneOfTwoRuns(RegisteredUnit unit, Standby standby) {
        var target = truth.wellOn(standby.primary()).isPresent() ? DesiredState.LOADED : DesiredState.LAUNCHED;
        truth.placementsOf(unit.name()).values().stream()
                .map(fact -> fact.placement().target())
                .filter(found -> found != DesiredState.INACTIVE)
                .forEach(found -> breachIf(
                        found != target,
                        unit.name() + " is placed to be " + found + ", and is to be " + target + " beside "
                                + standby.primary()));
    }

    /// By service, unit and machine.
    private void whoRunsIsAnnounced(SimCluster cluster) {
        var codec = new Codec(Keys.DEFAULT);
        var announced = new TreeSet<String>();
        for (var entry : cluster.history().truth().of(Keys.DEFAULT.endpoints()).entries().values()) {
            if (codec.decode(entry).orElseThrow() instanceof EndpointFact(var endpoint, var _)) {
                announced.add(endpoint.service() + "/" + endpoint.unit() + " of " + endpoint.machine().shortened());
            }
        }
        var running = new TreeSet<String>();
        cluster.machines().forEach(machine -> machine.systemd().offers().forEach((unit, offer) -> {
            if (machine.systemd().running().contains(unit)) {
                offer.announcements().forEach(own ->
                        running.add(own.service() + "/" + unit + " of " + machine.id().shortened()));
            }
        }));
        breachIf(!announced.equals(running), "announced are " + announced + ", and running are " + running);
    }

    private boolean isResting(Placement placement) {
        return Optional.ofNullable(truth.failures().get(placement.unit()))
                .flatMap(byMachine -> Optional.ofNullable(byMachine.get(placement.machine())))
                .filter(here -> here.failures().placementId().equals(placement.id()))
                .isPresent();
    }

    private void nothingIsLeftOver() {
        var used = truth.units().values().stream()
                .map(unit -> unit.unit().fileHash())
                .collect(Collectors.toCollection(TreeSet::new));
        truth.placements().values().stream()
                .flatMap(byMachine -> byMachine.values().stream())
                .forEach(placed -> used.add(placed.placement().fileHash()));
        truth.files().keySet().forEach(hash -> breachIf(!used.contains(hash), "nobody uses file " + hash));
        truth.placements().keySet().forEach(unit ->
                breachIf(!truth.units().containsKey(unit), "there is a placement of " + unit + ", which is no more"));
        var absent = new TreeSet<>(truth.states().values().stream().flatMap(by -> by.keySet().stream()).toList());
        absent.removeAll(truth.machines().keySet());
        breachIf(!absent.isEmpty(), "there are states of machines that are not there: " + absent);
    }

    private void breachIf(boolean breach, String words) {
        if (breach) {
            breaches.add("in the end " + words);
        }
    }
}
