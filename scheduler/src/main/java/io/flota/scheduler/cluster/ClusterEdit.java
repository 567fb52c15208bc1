package io.flota.scheduler.cluster;

import com.google.common.collect.ImmutableSortedMap;
import com.google.protobuf.ByteString;
import io.flota.machine.Machine;
import io.flota.machine.MachineId;
import io.flota.registry.Fact;
import io.flota.registry.Fact.EndpointFact;
import io.flota.registry.Fact.EventFact;
import io.flota.registry.Fact.FailuresFact;
import io.flota.registry.Fact.FileFact;
import io.flota.registry.Fact.LeaderFact;
import io.flota.registry.Fact.MachineFact;
import io.flota.registry.Fact.PlacementFact;
import io.flota.registry.Fact.PolicyFact;
import io.flota.registry.Fact.SchedulerFact;
import io.flota.registry.Fact.StateFact;
import io.flota.registry.Fact.UnitFact;
import io.flota.registry.Fact.ValveFact;
import io.flota.registry.Key;
import io.flota.registry.Key.EndpointKey;
import io.flota.registry.Key.EventKey;
import io.flota.registry.Key.FailuresKey;
import io.flota.registry.Key.FileKey;
import io.flota.registry.Key.LeaderKey;
import io.flota.registry.Key.MachineKey;
import io.flota.registry.Key.PlacementKey;
import io.flota.registry.Key.PolicyKey;
import io.flota.registry.Key.SchedulerKey;
import io.flota.registry.Key.StateKey;
import io.flota.registry.Key.UnitKey;
import io.flota.registry.Key.ValveKey;
import io.flota.scheduler.cluster.Change.Removed;
import io.flota.scheduler.cluster.Change.Written;
import io.flota.scheduler.cluster.RegisteredUnit.Contents;
import io.flota.scheduler.cluster.RegisteredUnit.Unreadable;
import io.flota.unit.DesiredState;
import io.flota.unit.Endpoint;
import io.flota.unit.Unit;
import io.flota.unit.UnitName;
import io.flota.unit.UnitState;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;

/// One step from a [Cluster] to the next. Copies only the tables that change, and reads each file that is new to a
/// unit once.
final class ClusterEdit {
    private static final Unreadable NOT_READ_YET = new Unreadable("not read yet");

    private final Cluster before;
    private final long revision;
    private final Table<MachineId, Machine> machines;
    private final Table<String, ByteString> files;
    private final Table<UnitName, RegisteredUnit> units;
    private final Table<UnitName, ImmutableSortedMap<MachineId, PlacementFact>> placements;
    private final Table<UnitName, ImmutableSortedMap<MachineId, UnitState>> states;
    private final TreeSet<String> touchedFiles = new TreeSet<>();
    private final TreeSet<UnitName> touchedUnits = new TreeSet<>();
    private final Table<MachineId, PolicyFact> policies;
    private final Table<UnitName, ImmutableSortedMap<MachineId, FailuresFact>> failures;
    private final Table<String, ImmutableSortedMap<UnitName, Endpoint>> endpoints;
    private final Table<MachineId, Departure> gone;
    private Optional<LeaderFact> leader;
    private Optional<ValveFact> valve;

    /// @param revision up to which the changes were made
    ClusterEdit(Cluster before, long revision) {
        this.before = before;
        this.revision = revision;
        machines = new Table<>(before.machines());
        files = new Table<>(before.files());
        units = new Table<>(before.units());
        placements = new Table<>(before.placements());
        states = new Table<>(before.states());
        policies = new Table<>(before.policies());
        failures = new Table<>(before.failures());
        endpoints = new Table<>(before.endpoints());
        gone = new Table<>(before.gone());
        leader = before.leader();
        valve = before.valve();
    }

    void apply(Change change) {
        switch (change) {
            case Written(var fact) -> apply(fact);
            case Removed(var key) -> remove(key);
        }
    }

    private void remove(Key key) {
        switch (key) {
            case MachineKey(var machine) -> {
                machines.edited().remove(machine);
                gone.edited().put(machine, new Departure(revision, hasStoppedAll(machine)));
            }
            case FileKey(var hash) -> {
                files.edited().remove(hash);
                touchedFiles.add(hash);
            }
            case UnitKey(var unit) -> units.edited().remove(unit);
            case PlacementKey(var machine, var unit) -> remove(placements, unit, machine);
            case StateKey(var machine, var unit) -> remove(states, unit, machine);
            case LeaderKey() -> leader = Optional.empty();
            case PolicyKey(var machine) -> policies.edited().remove(machine);
            case FailuresKey(var machine, var unit) -> remove(failures, unit, machine);
            case ValveKey() -> valve = Optional.empty();
            case EndpointKey(var service, var unit) -> remove(endpoints, service, unit);
            case EventKey _, SchedulerKey _ -> {} // told to who asks, from the store
        }
    }

    /// By its last word, as its states are gone with it.
    private boolean hasStoppedAll(MachineId machine) {
        var states = before.states().values().stream()
                .flatMap(byMachine -> Optional.ofNullable(byMachine.get(machine)).stream())
                .toList();
        return !states.isEmpty() && states.stream().allMatch(state -> state.isDown() && state.generation() == 0);
    }

    private void apply(Fact fact) {
        switch (fact) {
            case MachineFact(var machine) -> {
                machines.edited().put(machine.id(), machine);
                gone.edited().remove(machine.id());
            }
            case FileFact(var hash, var bytes) -> {
                files.edited().put(hash, bytes);
                touchedFiles.add(hash);
            }
            case UnitFact(var unit, var modRevision) -> put(unit, modRevision);
            case PlacementFact placed ->
                put(placements, placed.placement().unit(), placed.placement().machine(), placed);
            case StateFact(var machine, var unit, var state) -> put(states, unit, machine, state);
            case LeaderFact led -> leader = Optional.of(led);
            case PolicyFact policy -> policies.edited().put(policy.machine(), policy);
            case FailuresFact failed -> put(failures, failed.unit(), failed.machine(), failed);
            case ValveFact closed -> valve = Optional.of(closed);
            case EndpointFact(var endpoint, var _) -> put(endpoints, endpoint.service(), endpoint.unit(), endpoint);
            case EventFact _, SchedulerFact _ -> {}
        }
    }

    private void put(Unit unit, long modRevision) {
        var known = units.edited().get(unit.name());
        boolean sameFile = known != null
                && known.unit().fileHash().equals(unit.fileHash())
                && known.unit().desired() != DesiredState.UNKNOWN;
        if (!sameFile) {
            touchedUnits.add(unit.name());
        }
        units.edited()
                .put(unit.name(), new RegisteredUnit(unit, modRevision, sameFile ? known.contents() : NOT_READ_YET));
    }

    private static <A extends Comparable<A>, B extends Comparable<B>, V> void put(
            Table<A, ImmutableSortedMap<B, V>> table, A outer, B key, V value) {
        var inner = new TreeMap<>(table.edited().getOrDefault(outer, ImmutableSortedMap.of()));
        inner.put(key, value);
        table.edited().put(outer, ImmutableSortedMap.copyOfSorted(inner));
    }

    private static <A extends Comparable<A>, B extends Comparable<B>, V> void remove(
            Table<A, ImmutableSortedMap<B, V>> table, A outer, B key) {
        var inner = new TreeMap<>(table.edited().getOrDefault(outer, ImmutableSortedMap.of()));
        inner.remove(key);
        if (inner.isEmpty()) {
            table.edited().remove(outer);
        } else {
            table.edited().put(outer, ImmutableSortedMap.copyOfSorted(inner));
        }
    }

    Cluster result() {
        readFiles();
        return new Cluster(
                revision,
                machines.result(),
                files.result(),
                units.result(),
                placements.result(),
                states.result(),
                policies.result(),
                failures.result(),
                leader,
                valve,
                endpoints.result(),
                gone.result(),
                before.begun() == 0 ? revision : before.begun(),
                before.moment(),
                before.losses(),
                before.wellFor());
    }

    private void readFiles() {
        if (!touchedFiles.isEmpty()) {
            units.edited().values().stream()
                    .filter(unit -> touchedFiles.contains(unit.unit().fileHash()))
                    .forEach(unit -> touchedUnits.add(unit.name()));
        }
        for (var name : touchedUnits) {
            units.edited().computeIfPresent(name, (_, unit) -> new RegisteredUnit(
                    unit.unit(), unit.modRevision(), Contents.of(name, unit.unit().fileHash(), files.edited())));
        }
    }
}
