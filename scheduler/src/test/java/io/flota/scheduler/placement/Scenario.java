package io.flota.scheduler.placement;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSortedMap;
import com.google.common.collect.ImmutableSortedSet;
import com.google.common.hash.Hashing;
import com.google.protobuf.ByteString;
import io.flota.machine.Machine;
import io.flota.machine.MachineId;
import io.flota.machine.Policy;
import io.flota.machine.Resources;
import io.flota.registry.Fact;
import io.flota.registry.Fact.FailuresFact;
import io.flota.registry.Fact.FileFact;
import io.flota.registry.Fact.MachineFact;
import io.flota.registry.Fact.PlacementFact;
import io.flota.registry.Fact.PolicyFact;
import io.flota.registry.Fact.StateFact;
import io.flota.registry.Fact.UnitFact;
import io.flota.registry.Fact.ValveFact;
import io.flota.registry.Key;
import io.flota.registry.Key.FailuresKey;
import io.flota.registry.Key.MachineKey;
import io.flota.registry.Key.PlacementKey;
import io.flota.registry.Key.PolicyKey;
import io.flota.registry.Key.StateKey;
import io.flota.registry.Key.UnitKey;
import io.flota.registry.Valve;
import io.flota.registry.PlacementChange;
import io.flota.scheduler.cluster.Change;
import io.flota.scheduler.cluster.Change.Removed;
import io.flota.scheduler.cluster.Change.Written;
import io.flota.scheduler.cluster.Cluster;
import io.flota.scheduler.cluster.Losses;
import io.flota.scheduler.placement.Decision.Dismiss;
import io.flota.scheduler.placement.Decision.GiveUp;
import io.flota.scheduler.placement.Decision.Move;
import io.flota.scheduler.placement.Decision.Place;
import io.flota.scheduler.placement.Decision.Release;
import io.flota.scheduler.placement.Decision.Remove;
import io.flota.scheduler.placement.Decision.Update;
import io.flota.scheduler.placement.Decision.Wait;
import io.flota.unit.ByteSize;
import io.flota.unit.DesiredState;
import io.flota.unit.Placement;
import io.flota.unit.Unit;
import io.flota.unit.UnitName;
import io.flota.unit.UnitProperties;
import io.flota.unit.UnitState;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;

/// A cluster in the words of a test: machines are called by one letter or a few digits, units without `.service`.
/// Plays the leader's commits, and agents that answer at once.
final class Scenario {
    private static final int MAX_ROUNDS = 50;

    private Cluster cluster = Cluster.EMPTY;
    private Recoveries recoveries = Recoveries.NONE;
    private long ids;

    /// A machine joins, or comes back, or has other metadata (`role=web`) than before.
    Scenario machine(String id, String... metadata) {
        return machine(id, new Resources(1, 1), metadata);
    }

    /// A machine with so many cores and so much memory (`2G`).
    Scenario machine(String id, int cpus, String memory, String... metadata) {
        return machine(id, new Resources(ByteSize.parse(memory), cpus), metadata);
    }

    private Scenario machine(String id, Resources resources, String... metadata) {
        var map = ImmutableSortedMap.<String, String>naturalOrder();
        for (var pair : metadata) {
            map.put(pair.split("=")[0], pair.split("=")[1]);
        }
        var fenced = new TreeSet<>(cluster.losses().fenced());
        fenced.remove(machineId(id));
        fenced(fenced);
        return write(new MachineFact(new Machine(
                machineId(id), "host-" + id, "", "", map.buildOrThrow(), resources, "", "boot", "test")));
    }

    Scenario machines(String... ids) {
        for (var id : ids) {
            machine(id);
        }
        return this;
    }

    /// A machine's lease has ended, and with it all that it reported.
    Scenario lose(String id) {
        var changes = new ArrayList<Change>();
        changes.add(new Removed(new MachineKey(machineId(id))));
        cluster.states().forEach((unit, byMachine) -> {
            if (byMachine.containsKey(machineId(id))) {
                changes.add(new Removed(new StateKey(machineId(id), unit)));
            }
        });
        return change(changes);
    }

    /// A lost machine is certain to have stopped its exclusive units.
    Scenario fence(String id) {
        var fenced = new TreeSet<>(cluster.losses().fenced());
        fenced.add(machineId(id));
        return fenced(fenced);
    }

    private Scenario fenced(TreeSet<MachineId> fenced) {
        cluster = cluster.with(new Losses(cluster.losses().held(), ImmutableSortedSet.copyOf(fenced)));
        return this;
    }

    /// The valve is closed, or was and is released.
    Scenario valve(boolean released) {
        return write(new ValveFact(
                new Valve(Instant.EPOCH, ImmutableSortedSet.of(), 0, released), cluster.revision() + 1));
    }

    /// Nothing new is to come to a machine.
    Scenario cordon(String id) {
        var before = cluster.policyOf(machineId(id));
        return policy(id, new Policy(true, false, before.metadata(), before.withoutMetadata()));
    }

    /// A machine is to become empty.
    Scenario drain(String id) {
        var before = cluster.policyOf(machineId(id));
        return policy(id, new Policy(true, true, before.metadata(), before.withoutMetadata()));
    }

    Scenario uncordon(String id) {
        var before = cluster.policyOf(machineId(id));
        return policy(id, new Policy(false, false, before.metadata(), before.withoutMetadata()));
    }

    Scenario policy(String id, Policy policy) {
        return policy.equals(Policy.NONE)
                ? remove(new PolicyKey(machineId(id)))
                : write(new PolicyFact(machineId(id), policy, cluster.revision() + 1));
    }

    Scenario holdLosses(boolean held) {
        cluster = cluster.with(new Losses(held, cluster.losses().fenced()));
        return this;
    }

    /// A launched unit with these lines in its `[X-Fleet]` section; if it is registered already, its new file.
    Scenario unit(String name, String... options) {
        return unit(name, DesiredState.LAUNCHED, "[Service]\nExecStart=/bin/true\n[X-Fleet]\n"
                + String.join("\n", options) + "\n");
    }

    /// A unit that does not put up with its own failure.
    Scenario persistent(String name, String... options) {
        return unit(name, true, options);
    }

    Scenario unit(String name, boolean persistent, String... options) {
        return unit(name, DesiredState.LAUNCHED, "[Service]\nExecStart=/bin/true\n"
                + (persistent ? "Restart=on-failure\n" : "") + "[X-Fleet]\n" + String.join("\n", options) + "\n");
    }

    Scenario pass(Duration time) {
        cluster = cluster.at(cluster.moment().plus(time));
        return look();
    }

    /// The leader looks at what has changed.
    private Scenario look() {
        long now = Duration.between(Instant.EPOCH, cluster.moment()).toNanos();
        recoveries = recoveries.after(cluster, now);
        cluster = cluster.with(recoveries.wellFor(now));
        return this;
    }

    /// Another one leads, who knows nothing of its own.
    Scenario newLeader() {
        recoveries = Recoveries.NONE;
        return look();
    }

    /// A launched unit that stands by for another one.
    Scenario standby(String name, String primary, String... options) {
        return unit(name, DesiredState.LAUNCHED, "[Service]\nExecStart=/bin/true\n[X-Flota]\nStandbyFor=" + primary
                + ".service\n" + String.join("\n", options) + "\n");
    }

    /// A launched unit that is never to be up in two places.
    Scenario exclusive(String name, String... options) {
        return exclusive(name, false, options);
    }

    Scenario exclusive(String name, boolean persistent, String... options) {
        return unit(name, DesiredState.LAUNCHED, (persistent ? "[Service]\nRestart=on-failure\n" : "")
                + "[X-Flota]\nExclusive=true\n[X-Fleet]\n" + String.join("\n", options) + "\n");
    }

    Scenario unit(String name, DesiredState desired, String text) {
        var bytes = ByteString.copyFromUtf8(text);
        var hash = Hashing.sha256().hashBytes(bytes.asReadOnlyByteBuffer()).toString();
        write(new FileFact(hash, bytes));
        return write(new UnitFact(new Unit(unitName(name), hash, desired, 1), cluster.revision() + 1));
    }

    Scenario desired(String name, DesiredState desired) {
        var unit = cluster.units().get(unitName(name)).unit();
        return write(new UnitFact(
                new Unit(unit.name(), unit.fileHash(), desired, unit.generation(), unit.properties(), unit.unread()), cluster.revision() + 1));
    }

    Scenario stop(String name) {
        return desired(name, DesiredState.INACTIVE);
    }

    Scenario start(String name) {
        return desired(name, DesiredState.LAUNCHED);
    }

    Scenario restart(String name) {
        var unit = cluster.units().get(unitName(name)).unit();
        return write(new UnitFact(
                new Unit(unit.name(), unit.fileHash(), unit.desired(), unit.generation() + 1), cluster.revision() + 1));
    }

    Scenario properties(String name, UnitProperties properties) {
        var unit = cluster.units().get(unitName(name)).unit();
        return write(new UnitFact(
                new Unit(unit.name(), unit.fileHash(), unit.desired(), unit.generation(), properties, unit.unread()),
                cluster.revision() + 1));
    }

    Scenario destroy(String name) {
        return remove(new UnitKey(unitName(name)));
    }

    /// The unit is placed on a machine as it is registered, and runs there.
    Scenario runs(String name, String machine) {
        return placed(name, machine).reports(machine, name, "active");
    }

    /// The unit is placed on a machine, which has not said anything yet.
    Scenario placed(String name, String machine) {
        var unit = cluster.units().get(unitName(name)).unit();
        return put(machineId(machine), unit, unit.desired());
    }

    /// A machine reports a unit, in answer to its placement there, if there is one.
    Scenario reports(String machine, String name, String active) {
        var placed = Optional.ofNullable(cluster.placementsOf(unitName(name)).get(machineId(machine)));
        var id = placed.map(PlacementFact::placement).map(Placement::id);
        return reports(machine, name, active, id.orElse(""));
    }

    Scenario reports(String machine, String name, String active, String placementId) {
        return write(state(machineId(machine), unitName(name), active, placementId));
    }

    /// A unit is active where it is placed, and unhealthy.
    Scenario ails(String machine, String name, boolean forLong) {
        return reports(machine, name, new UnitState.Health("unhealthy", forLong));
    }

    /// A unit is active where it is placed, and its health check says this.
    Scenario reports(String machine, String name, UnitState.Health health) {
        var id = cluster.placementsOf(unitName(name)).get(machineId(machine)).placement().id();
        var fact = state(machineId(machine), unitName(name), "active", id);
        var state = fact.state();
        return write(new StateFact(
                fact.machine(), fact.unit(),
                new UnitState(
                        state.load(), state.active(), state.sub(), state.fileHash(), state.placementId(),
                        state.generation(), state.since(), state.message(), state.mainPid(), state.restarts(), false,
                        health)));
    }

    /// A machine runs a unit that is not placed there, in generation 1 and its present file, and asks to keep it.
    Scenario asks(String machine, String name, long sinceSecond) {
        return asks(machine, name, sinceSecond, cluster.units().get(unitName(name)).unit().fileHash());
    }

    Scenario asks(String machine, String name, long sinceSecond, String fileHash) {
        return write(new StateFact(
                machineId(machine),
                unitName(name),
                new UnitState(
                        "loaded", "active", "any", fileHash, "", 1, Instant.ofEpochSecond(sinceSecond), "", 0, 0,
                        true, UnitState.Health.UNCHECKED)));
    }

    /// A launched unit of which the oldest copy is kept.
    Scenario oldest(String name, String... options) {
        return oldest(name, false, options);
    }

    Scenario oldest(String name, boolean persistent, String... options) {
        return unit(name, DesiredState.LAUNCHED, (persistent ? "[Service]\nRestart=on-failure\n" : "")
                + "[X-Flota]\nOnReconnect=oldest\n[X-Fleet]\n" + String.join("\n", options) + "\n");
    }

    /// A machine reports a unit no more: it is unloaded.
    Scenario forgets(String machine, String name) {
        return remove(new StateKey(machineId(machine), unitName(name)));
    }

    /// What the leader decides, one decision a line: `place web@1 on a`, `move web@1 from a to b` ...
    List<String> plan() {
        var plan = Planner.plan(cluster);
        assertThat(PlanCheck.breaches(cluster, plan)).as("breaches of\n%s", plan).isEmpty();
        return plan.decisions().stream().map(Scenario::words).toList();
    }

    List<String> changes() {
        return plan().stream().filter(line -> !line.startsWith("wait")).toList();
    }

    /// Why a unit waits, one line a machine: `a: conflicts with ...`.
    List<String> refusals(String name) {
        return Planner.explain(cluster, unitName(name)).stream()
                .map(refusal -> refusal.machine().map(id -> letter(id) + ": ").orElse("") + refusal.reason())
                .toList();
    }

    /// The leader plans and commits; the machines have not answered yet.
    Scenario commit() {
        return commit(Planner.plan(cluster));
    }

    Scenario commit(Plan plan) {
        plan.decisions().forEach(this::carryOut);
        for (var change : plan.forgotten()) {
            if (change instanceof PlacementChange.Recount(var machine, var unit, _, var after)) {
                after.ifPresentOrElse(
                        left -> write(new FailuresFact(machine, unit, left, cluster.revision() + 1)),
                        () -> remove(new FailuresKey(machine, unit)));
            }
        }
        return this;
    }

    /// Leader and agents go on until there is nothing left to do.
    Scenario settle() {
        for (int round = 0; round < MAX_ROUNDS; round++) {
            answer();
            if (changes().isEmpty()) {
                return this;
            }
            commit();
        }
        throw new AssertionError("no end after " + MAX_ROUNDS + " rounds:\n" + Planner.plan(cluster));
    }

    /// All agents do what their placements say, and report it.
    Scenario answer() {
        cluster.states().forEach((unit, byMachine) -> byMachine.keySet().forEach(machine -> {
            if (!cluster.placementsOf(unit).containsKey(machine)) {
                remove(new StateKey(machine, unit));
            }
        }));
        cluster.placements().values().forEach(byMachine -> byMachine.values().forEach(this::answer));
        return this;
    }

    private void answer(PlacementFact placed) {
        var placement = placed.placement();
        if (cluster.machines().containsKey(placement.machine())) {
            var active = placement.target() == DesiredState.LAUNCHED ? "active" : "inactive";
            write(state(placement.machine(), placement.unit(), active, placement.id()));
        }
    }

    /// Where a unit is placed to be started, as letters; empty if nowhere.
    String launched(String name) {
        return cluster.placementsOf(unitName(name)).values().stream()
                .filter(placed -> placed.placement().target() == DesiredState.LAUNCHED)
                .map(placed -> letter(placed.placement().machine()))
                .reduce("", String::concat);
    }

    /// Where a unit is placed to run, as letters; empty if nowhere.
    String where(String name) {
        return cluster.placementsOf(unitName(name)).values().stream()
                .filter(placed -> placed.placement().target() != DesiredState.INACTIVE)
                .map(placed -> letter(placed.placement().machine()))
                .reduce("", String::concat);
    }

    Placement placement(String name, String machine) {
        return cluster.placementsOf(unitName(name)).get(machineId(machine)).placement();
    }

    Cluster cluster() {
        return cluster;
    }

    private void carryOut(Decision decision) {
        switch (decision) {
            case Place(var unit, var machine, _) -> put(machine, unit.unit(), unit.unit().desired());
            case Move(var unit, var from, var to, _) -> {
                delete(from);
                put(to, unit.unit(), unit.unit().desired());
            }
            case Update(var unit, var placed, _) ->
                put(placed.placement().machine(), unit.unit(), unit.unit().desired());
            case Release(var placed, _) -> release(placed.placement());
            case GiveUp(var unit, var placed, _, var after, _) -> {
                release(placed.placement());
                var machine = placed.placement().machine();
                var released = cluster.placementsOf(unit.name()).get(machine).placement();
                write(new FailuresFact(machine, unit.name(), after.under(released.id()), cluster.revision() + 1));
            }
            case Remove(var placed, _) -> delete(placed);
            case Dismiss(var unit, var machine, var state, _) -> put(new Placement(
                    machine, unit, state.fileHash(), DesiredState.INACTIVE, state.generation(), "p" + ids++, "because"));
            case Wait _ -> {}
        }
    }

    private Scenario put(MachineId machine, Unit unit, DesiredState target) {
        return put(new Placement(
                machine, unit.name(), unit.fileHash(), target, unit.generation(), "p" + ids++, "because",
                cluster.units().get(unit.name()).isExclusive(), unit.properties(), unit.unread()));
    }

    private void release(Placement old) {
        put(new Placement(
                old.machine(), old.unit(), old.fileHash(), DesiredState.INACTIVE, old.generation(), "p" + ids++,
                "because", old.exclusive()));
    }

    private Scenario put(Placement placement) {
        return write(new PlacementFact(placement, cluster.revision() + 1));
    }

    private void delete(PlacementFact placed) {
        remove(new PlacementKey(placed.placement().machine(), placed.placement().unit()));
    }

    private StateFact state(MachineId machine, UnitName unit, String active, String placementId) {
        var hash = Optional.ofNullable(cluster.placementsOf(unit).get(machine))
                .map(placed -> placed.placement().fileHash())
                .or(() -> Optional.ofNullable(cluster.statesOf(unit).get(machine)).map(UnitState::fileHash))
                .or(() -> Optional.ofNullable(cluster.units().get(unit)).map(known -> known.unit().fileHash()));
        long generation = Optional.ofNullable(cluster.placementsOf(unit).get(machine))
                .filter(placed -> placed.placement().id().equals(placementId))
                .map(placed -> Draft.isReleasing(placed) ? 0 : placed.placement().generation())
                .orElse(1L);
        return new StateFact(
                machine,
                unit,
                new UnitState(
                        "loaded", active, "any", hash.orElse(""), placementId, generation, Instant.EPOCH, "", 0, 0));
    }

    private Scenario write(Fact fact) {
        return change(ImmutableList.of(new Written(fact)));
    }

    private Scenario remove(Key key) {
        return change(ImmutableList.of(new Removed(key)));
    }

    private Scenario change(List<Change> changes) {
        cluster = cluster.with(cluster.revision() + 1, changes);
        return look();
    }

    static String words(Decision decision) {
        var name = decision.name().full().replaceFirst("\\.service$", "");
        return switch (decision) {
            case Place(_, var machine, _) -> "place " + name + " on " + letter(machine);
            case Move(_, var from, var to, _) -> "move " + name + " from " + letter(from) + " to " + letter(to);
            case Update(_, var placed, _) -> "update " + name + " on " + letter(placed);
            case Release(var placed, _) -> "release " + name + " on " + letter(placed);
            case GiveUp(_, var placed, _, _, _) -> "give up " + name + " on " + letter(placed);
            case Remove(var placed, _) -> "remove " + name + " on " + letter(placed);
            case Dismiss(_, var machine, _, _) -> "dismiss " + name + " on " + letter(machine);
            case Wait _ -> "wait " + name;
        };
    }

    private static String letter(PlacementFact placed) {
        return letter(placed.placement().machine());
    }

    private static String letter(MachineId id) {
        return id.value().replaceFirst("^(.+?)0*$", "$1");
    }

    static MachineId machineId(String id) {
        return new MachineId(id + "0".repeat(32 - id.length()));
    }

    static UnitName unitName(String name) {
        return UnitName.ofArgument(name);
    }
}
