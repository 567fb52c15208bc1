package io.flota.scheduler.cluster;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSortedMap;
import com.google.common.collect.ImmutableSortedSet;
import com.google.protobuf.ByteString;
import io.flota.machine.Machine;
import io.flota.machine.MachineId;
import io.flota.machine.Policy;
import io.flota.registry.Fact.FailuresFact;
import io.flota.registry.Fact.LeaderFact;
import io.flota.registry.Fact.PlacementFact;
import io.flota.registry.Fact.PolicyFact;
import io.flota.registry.Fact.ValveFact;
import io.flota.scheduler.cluster.RegisteredUnit.Contents;
import io.flota.unit.Endpoint;
import io.flota.unit.Placement;
import io.flota.unit.UnitName;
import io.flota.unit.UnitState;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.Stream;

/// All that is known of the cluster at one revision of the store. It changes in one way, [#with]: for the first
/// snapshot (from [#EMPTY]), for what a watch tells, and for the leader's own writes.
///
/// Whoever applies own writes ahead of the watch must not go on with what the watch tells of revisions before them:
/// a placement that was just removed would be back until the watch has caught up.
///
/// @param files the bytes of unit files, by hash; read they stand in [RegisteredUnit#contents]
/// @param placements by unit, then machine
/// @param states what machines report, by unit, then machine
/// @param policies by machine; one may be there for a machine that is away
/// @param failures of units that were given up, by unit, then machine
/// @param endpoints where units can be reached, by service, then unit
/// @param gone machines that have left since the first snapshot and are away
/// @param moment at which it is looked at, by the clock of who does
/// @param begun the revision of the first snapshot
/// @param losses what is made of absent machines
/// @param wellFor for how long units that others stand by for have been active and healthy, as far as who looks knows
public record Cluster(
        long revision,
        ImmutableSortedMap<MachineId, Machine> machines,
        ImmutableSortedMap<String, ByteString> files,
        ImmutableSortedMap<UnitName, RegisteredUnit> units,
        ImmutableSortedMap<UnitName, ImmutableSortedMap<MachineId, PlacementFact>> placements,
        ImmutableSortedMap<UnitName, ImmutableSortedMap<MachineId, UnitState>> states,
        ImmutableSortedMap<MachineId, PolicyFact> policies,
        ImmutableSortedMap<UnitName, ImmutableSortedMap<MachineId, FailuresFact>> failures,
        Optional<LeaderFact> leader,
        Optional<ValveFact> valve,
        ImmutableSortedMap<String, ImmutableSortedMap<UnitName, Endpoint>> endpoints,
        ImmutableSortedMap<MachineId, Departure> gone,
        long begun,
        Instant moment,
        Losses losses,
        ImmutableSortedMap<UnitName, Duration> wellFor) {

    /// Nothing is known of an empty store.
    public static final Cluster EMPTY = new Cluster(
            0,
            ImmutableSortedMap.of(),
            ImmutableSortedMap.of(),
            ImmutableSortedMap.of(),
            ImmutableSortedMap.of(),
            ImmutableSortedMap.of(),
            ImmutableSortedMap.of(),
            ImmutableSortedMap.of(),
            Optional.empty(),
            Optional.empty(),
            ImmutableSortedMap.of(),
            ImmutableSortedMap.of(),
            0,
            Instant.EPOCH,
            Losses.UNKNOWN,
            ImmutableSortedMap.of());

    /// The cluster after changes that were made up to a revision. Of two changes of one key the later counts.
    public Cluster with(long revision, List<Change> changes) {
        var edit = new ClusterEdit(this, Math.max(revision, this.revision));
        changes.forEach(edit::apply);
        return edit.result();
    }

    /// The same cluster, seen by someone who knows this of machines that are away.
    public Cluster with(Losses known) {
        return new Cluster(
                revision, machines, files, units, placements, states, policies, failures, leader, valve, endpoints, gone,
                begun, moment, known, wellFor);
    }

    /// The same cluster, seen by someone who knows for how long units have been well.
    public Cluster with(ImmutableSortedMap<UnitName, Duration> knownWellFor) {
        return new Cluster(
                revision, machines, files, units, placements, states, policies, failures, leader, valve, endpoints, gone,
                begun, moment, losses, knownWellFor);
    }

    /// The same cluster, with other units.
    public Cluster withUnits(ImmutableSortedMap<UnitName, RegisteredUnit> others) {
        return new Cluster(
                revision, machines, files, others, placements, states, policies, failures, leader, valve, endpoints, gone,
                begun, moment, losses, wellFor);
    }

    /// The same cluster, looked at in this moment.
    public Cluster at(Instant now) {
        return new Cluster(
                revision, machines, files, units, placements, states, policies, failures, leader, valve, endpoints, gone,
                begun, now, losses, wellFor);
    }

    /// Whether no unit of an absent machine goes elsewhere.
    public boolean holdsLosses() {
        return losses.held() || isValveClosed();
    }

    /// Whether so many machines are away at once that none is taken for lost, and no operator says that they are.
    public boolean isValveClosed() {
        return valve.filter(closed -> !closed.valve().released()).isPresent();
    }

    /// The same cluster as it would be with an open valve.
    public Cluster withoutValve() {
        return new Cluster(
                revision, machines, files, units, placements, states, policies, failures, leader, Optional.empty(), endpoints,
                gone, begun, moment, losses, wellFor);
    }

    /// Absent machines that have handed their units over and left on purpose.
    public ImmutableSortedSet<MachineId> leavers() {
        return gone.entrySet().stream()
                .filter(departure -> departure.getValue().onPurpose())
                .map(Map.Entry::getKey)
                .collect(ImmutableSortedSet.toImmutableSortedSet(MachineId::compareTo));
    }

    /// Whether an absent machine left as an operator meant it to: its agent had handed its units over, or it is draining
    /// and nothing is placed there any more.
    public boolean hasLeft(MachineId machine) {
        var departure = Optional.ofNullable(gone.get(machine));
        return departure.filter(Departure::onPurpose).isPresent()
                || policyOf(machine).draining()
                        && placements.values().stream().noneMatch(byMachine -> byMachine.containsKey(machine));
    }

    /// The revision since which an absent machine has been away without a break, as far as can be known: another
    /// number tells another absence.
    public long awaySince(MachineId machine) {
        return Optional.ofNullable(gone.get(machine)).map(Departure::revision).orElse(begun);
    }

    /// Absent machines that units are placed on.
    public ImmutableSortedSet<MachineId> missed() {
        return missed(_ -> true);
    }

    /// Absent machines that some of these placements are on.
    public ImmutableSortedSet<MachineId> missed(Predicate<Placement> which) {
        return placements.values().stream()
                .flatMap(byMachine -> byMachine.values().stream())
                .map(PlacementFact::placement)
                .filter(placement -> !machines.containsKey(placement.machine()))
                .filter(which)
                .map(Placement::machine)
                .collect(ImmutableSortedSet.toImmutableSortedSet(MachineId::compareTo));
    }

    /// Hashes of files that no unit has, and that are of no use any more for what is placed or reported either.
    public ImmutableSortedSet<String> unusedFiles() {
        if (files.isEmpty()) {
            return ImmutableSortedSet.of();
        }
        var unused = new TreeSet<>(files.keySet());
        units.values().forEach(unit -> unused.remove(unit.unit().fileHash()));
        placements.values().forEach(by -> by.values().forEach(it -> unused.remove(it.placement().fileHash())));
        states.values().forEach(by -> by.values().forEach(state -> unused.remove(state.fileHash())));
        return ImmutableSortedSet.copyOfSorted(unused);
    }

    /// What is known of a unit that is destroyed and still placed or reported somewhere: each file that it may run
    /// from there, as long as that is registered.
    public ImmutableList<Contents> contentsOfDestroyed(UnitName unit) {
        var placed = placementsOf(unit).values().stream().map(it -> it.placement().fileHash());
        var reported = statesOf(unit).values().stream().map(UnitState::fileHash);
        return Stream.concat(placed, reported)
                .distinct()
                .map(hash -> Contents.of(unit, hash, files))
                .collect(ImmutableList.toImmutableList());
    }

    /// What operators want of a machine.
    public Policy policyOf(MachineId machine) {
        var fact = policies.get(machine);
        return fact == null ? Policy.NONE : fact.policy();
    }

    /// A unit's placements, by machine.
    public ImmutableSortedMap<MachineId, PlacementFact> placementsOf(UnitName unit) {
        return placements.getOrDefault(unit, ImmutableSortedMap.of());
    }

    /// What machines report of a unit, by machine.
    public ImmutableSortedMap<MachineId, UnitState> statesOf(UnitName unit) {
        return states.getOrDefault(unit, ImmutableSortedMap.of());
    }

    /// The first machine that is there and reports the unit active, and healthy where that is checked.
    public Optional<MachineId> wellOn(UnitName unit) {
        return statesOf(unit).entrySet().stream()
                .filter(entry -> machines.containsKey(entry.getKey()))
                .filter(entry -> entry.getValue().isWell())
                .map(Map.Entry::getKey)
                .findFirst();
    }

    /// Where a unit was given up, by machine.
    public ImmutableSortedMap<MachineId, FailuresFact> failuresOf(UnitName unit) {
        return failures.getOrDefault(unit, ImmutableSortedMap.of());
    }
}
