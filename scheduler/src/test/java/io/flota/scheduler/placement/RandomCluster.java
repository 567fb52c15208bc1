package io.flota.scheduler.placement;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.collect.ImmutableSortedMap;
import com.google.common.collect.ImmutableSortedSet;
import io.flota.machine.MachineId;
import io.flota.machine.Policy;
import io.flota.registry.Fact.PlacementFact;
import io.flota.scheduler.cluster.Cluster;
import io.flota.scheduler.cluster.RegisteredUnit.Contents;
import io.flota.scheduler.cluster.RegisteredUnit.Readable;
import io.flota.unit.DesiredState;
import io.flota.unit.Glob;
import io.flota.unit.PartitionRules.OnReconnect;
import io.flota.unit.Placement;
import io.flota.unit.UnitName;
import io.flota.unit.UnitState;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.TreeSet;

/// A cluster to which everything happens, by the chance of a seed: machines come, go and change, operators start and
/// stop units and change their files, agents do one thing at a time, units fail. After each plan it is checked.
final class RandomCluster {
    private static final List<String> MACHINES = List.of("a", "b", "c", "d", "e");
    private static final List<String> UNITS = List.of(
            "g1", "g2", "u1", "u2", "u3", "u4", "u5", "u6", "u7", "w@1", "w@2", "w@3", "w@4");
    private static final List<String> METADATA = List.of("role=web", "role=db", "zone=1", "zone=2");
    private static final int MAX_ROUNDS = 200;

    /// What really is of a unit on a machine, reported or not.
    ///
    /// @param orphaned whether its machine has been lost since it was started, so that it may be up elsewhere too
    /// @param exclusive whether it was started as such, and is stopped before its machine counts as fenced
    /// @param fileHash of the file that it was started with
    /// @param since in steps
    private record Instance(
            String active, String placementId, boolean orphaned, boolean exclusive, String fileHash, long since) {
        static final Instance NONE = new Instance("inactive", "", false, false, "", 0);

        boolean isUp() {
            return active.equals("active");
        }

        Instance active(String now) {
            return new Instance(now, placementId, orphaned && now.equals("active"), exclusive, fileHash, since);
        }

        Instance placed(Placement placement) {
            return new Instance(active, placement.id(), orphaned, exclusive, fileHash, since);
        }

        Instance started(Placement placement, long now) {
            return new Instance(
                    "active", placement.id(), orphaned, placement.exclusive(), placement.fileHash(), now);
        }

        Instance orphan() {
            return new Instance(active, placementId, true, exclusive, fileHash, since);
        }
    }

    private final Random random;
    private final Scenario scenario = new Scenario();
    private final TreeMap<String, TreeMap<UnitName, Instance>> instances = new TreeMap<>();
    private final List<String> history = new ArrayList<>();

    RandomCluster(long seed) {
        random = new Random(seed);
        MACHINES.forEach(machine -> instances.put(machine, new TreeMap<>()));
    }

    List<String> history() {
        return history;
    }

    Cluster cluster() {
        return scenario.cluster();
    }

    /// Something happens.
    void step() {
        int dice = random.nextInt(100);
        if (dice < 6) {
            machineComesOrGoes();
        } else if (dice < 8) {
            machineChanges();
        } else if (dice < 11) {
            policyChanges();
        } else if (dice < 30) {
            operatorActs();
        } else if (dice < 32) {
            if (random.nextBoolean()) {
                happened("hold losses", () -> scenario.holdLosses(!cluster().losses().held()));
            } else {
                happened("valve", () -> scenario.valve(cluster().isValveClosed()));
            }
        } else if (dice < 39) {
            unitFails();
        } else if (dice < 42) {
            timePasses();
        } else if (dice < 46) {
            machineIsFenced(pick(MACHINES));
        } else if (dice < 75) {
            agentActs(pick(MACHINES));
        } else {
            leaderActs();
        }
    }

    /// Nothing more happens: leader and agents go on to the end.
    void comeToRest() {
        happened("rest", () -> scenario.holdLosses(false).valve(true));
        MACHINES.forEach(this::machineIsFenced);
        for (int round = 0; round < MAX_ROUNDS; round++) {
            boolean acted = false;
            for (var machine : MACHINES) {
                while (agentActs(machine)) {
                    acted = true;
                }
            }
            acted |= leaderActs();
            if (!acted && Planner.plan(cluster()).next().isPresent()) {
                var next = Planner.plan(cluster()).next().get();
                assertThat(next).isAfter(cluster().moment());
                happened("pass until " + next, () -> scenario.pass(Duration.between(cluster().moment(), next)));
            } else if (!acted) {
                cluster().failures().forEach((unit, byMachine) -> assertThat(byMachine.values())
                        .as("failures of %s that are remembered for ever", unit)
                        .allMatch(fact -> cluster().placementsOf(unit).get(fact.machine()).placement().id()
                                .equals(fact.failures().placementId())));
                assertThat(PlanCheck.forgotten(cluster())).isEmpty();
                return;
            }
        }
        throw new AssertionError("no rest after " + MAX_ROUNDS + " rounds");
    }

    private void machineComesOrGoes() {
        var machine = pick(MACHINES);
        if (isThere(machine)) {
            happened("lose " + machine, () -> scenario.lose(machine));
            instances.get(machine).replaceAll((_, it) -> it.orphan());
        } else {
            stopExclusives(machine);
            machineWrites(machine);
            instances.get(machine).forEach((unit, it) ->
                    scenario.reports(machine, unit.full(), it.active(), it.placementId()));
        }
    }

    private void machineIsFenced(String machine) {
        if (!isThere(machine) && !cluster().losses().fenced().contains(id(machine))) {
            stopExclusives(machine);
            happened("fenced " + machine, () -> scenario.fence(machine));
        }
    }

    private void stopExclusives(String machine) {
        instances.get(machine).replaceAll((_, it) -> it.exclusive() ? it.active("inactive") : it);
    }

    private void machineChanges() {
        var machine = pick(MACHINES);
        if (isThere(machine)) {
            machineWrites(machine);
        }
    }

    private void policyChanges() {
        var machine = pick(MACHINES);
        var before = cluster().policyOf(id(machine));
        var metadata = new TreeMap<String, String>();
        var without = new TreeSet<String>();
        for (var pair : METADATA) {
            if (random.nextInt(4) == 0) {
                metadata.put(pair.split("=")[0], pair.split("=")[1]);
            } else if (random.nextInt(4) == 0) {
                without.add(pair.split("=")[0]);
            }
        }
        var policy =
                switch (random.nextInt(6)) {
                    case 0, 1 -> new Policy(true, false, before.metadata(), before.withoutMetadata());
                    case 2 -> new Policy(true, true, before.metadata(), before.withoutMetadata());
                    case 3, 4 -> Policy.NONE;
                    default -> new Policy(
                            before.cordoned(),
                            before.draining(),
                            ImmutableSortedMap.copyOfSorted(metadata),
                            ImmutableSortedSet.copyOfSorted(without));
                };
        happened("machine " + machine + " " + policy, () -> scenario.policy(machine, policy));
    }

    private void machineWrites(String machine) {
        var metadata = new TreeMap<String, String>();
        for (int i = random.nextInt(3); i > 0; i--) {
            var pair = pick(METADATA);
            metadata.put(pair.split("=")[0], pair);
        }
        int cpus = random.nextInt(3);
        var memory = pick(List.of("0", "1G", "3G", "4G", "4G"));
        happened(
                "machine " + machine + " " + cpus + " " + memory + " " + metadata.values(),
                () -> scenario.machine(machine, cpus, memory, metadata.values().toArray(String[]::new)));
    }

    private void operatorActs() {
        var name = pick(UNITS);
        boolean known = cluster().units().containsKey(Scenario.unitName(name));
        int dice = random.nextInt(10);
        if (!known || dice < 3) {
            var options = options(name);
            boolean persistent = random.nextInt(3) > 0;
            var words = (persistent ? "persistent " : "") + "%s " + name + " " + List.of(options);
            switch (isGlobal(Scenario.unitName(name)) ? 4 : random.nextInt(6)) { // of a global unit the others are refused
                case 0, 1 -> happened(words.formatted("oldest"), () -> scenario.oldest(name, persistent, options));
                case 2, 3 -> happened(words.formatted("exclusive"), () -> scenario.exclusive(name, persistent, options));
                default -> happened(words.formatted("unit"), () -> scenario.unit(name, persistent, options));
            }
        } else if (dice < 5) {
            happened("stop " + name, () -> scenario.stop(name));
        } else if (dice < 7) {
            happened("start " + name, () -> scenario.start(name));
        } else if (dice < 8) {
            happened("load " + name, () -> scenario.desired(name, DesiredState.LOADED));
        } else if (dice < 9) {
            happened("restart " + name, () -> scenario.restart(name));
        } else {
            happened("destroy " + name, () -> scenario.destroy(name));
        }
    }

    private String[] options(String name) {
        var options = new ArrayList<String>();
        int dice = random.nextInt(10);
        if (isGlobal(Scenario.unitName(name))) {
            options.add("Global=true");
        } else if (dice < 3) {
            options.add("MachineOf=" + pick(UNITS) + ".service");
        } else if (dice < 5) {
            options.add("Replaces=" + pattern());
        } else if (dice < 6) {
            options.add("MachineID=" + pick(MACHINES) + "0000000");
        }
        if (random.nextInt(3) == 0) {
            options.add("MachineMetadata=" + pick(METADATA));
        }
        if (random.nextInt(3) == 0) {
            options.add("Conflicts=" + pattern());
        }
        var primary = pick(UNITS);
        if (random.nextInt(5) == 0 && !isGlobal(Scenario.unitName(name)) && mayStandBy(name, primary, options)) {
            options.add("[X-Flota]");
            options.add("StandbyFor=" + primary + ".service");
            options.add("StandbyHold=" + pick(List.of("0", "3s", "30s", "10min")));
        }
        if (random.nextInt(2) == 0) {
            options.add("[X-Flota]");
            options.add("Memory=" + pick(List.of("512M", "1G", "2G", "3G")));
        }
        if (random.nextInt(6) == 0) {
            options.add("[X-Flota]");
            options.add("CPU=" + pick(List.of("0.5", "1", "2")));
        }
        return options.toArray(String[]::new);
    }

    /// Whether the file will be read.
    private static boolean mayStandBy(String name, String primary, List<String> options) {
        return !name.equals(primary)
                && options.stream().noneMatch(it -> it.equals("MachineOf=" + primary + ".service"))
                && options.stream()
                        .filter(it -> it.startsWith("Replaces="))
                        .map(it -> new Glob(it.substring("Replaces=".length())))
                        .noneMatch(glob -> glob.matches(primary + ".service"));
    }

    private String pattern() {
        return pick(List.of("w@*", "u[1-4].service", "g*", "*@1.service", pick(UNITS) + ".service"));
    }

    private void timePasses() {
        var time = Duration.ofMillis(pick(List.of(500, 1_000, 5_000, 60_000, 300_000, 3_600_000)));
        happened("pass " + time, () -> scenario.pass(time));
    }

    private void unitFails() {
        var machine = pick(MACHINES);
        instances.get(machine).entrySet().stream()
                .filter(entry -> entry.getValue().isUp())
                .findFirst()
                .ifPresent(entry -> become(machine, entry.getKey(), entry.getValue().active("failed")));
    }

    private boolean leaderActs() {
        var before = cluster();
        var plan = Planner.plan(before);
        assertThat(PlanCheck.breaches(before, plan)).as("breaches of\n%s", plan).isEmpty();
        assertThat(Planner.plan(RebuiltCluster.of(before, random))).as("plan of the same facts").isEqualTo(plan);
        if (plan.changes().isEmpty() && plan.forgotten().isEmpty()) {
            return false;
        }
        happened(plan.changes().stream().map(Scenario::words).toList().toString(), () -> scenario.commit(plan));
        int more = 0;
        int atMost = furtherPlans(before);
        for (var next = Planner.plan(cluster()); !next.changes().isEmpty(); next = Planner.plan(cluster())) {
            var changes = next.changes().stream().map(Scenario::words).toList();
            assertThat(PlanCheck.breaches(cluster(), next)).as("breaches of\n%s", next).isEmpty();
            assertThat(++more).as("further plans, the last: %s", changes).isLessThanOrEqualTo(Math.max(atMost, furtherPlans(cluster())));
            var committed = next;
            happened("further: " + changes, () -> scenario.commit(committed));
        }
        return true;
    }

    /// How many plans may follow one that was carried out, though nothing else has happened. None as a rule; but who
    /// replaces others, and waits for its machine, sees what its victims' leaving brings about in the next plan only.
    private static int furtherPlans(Cluster cluster) {
        var dependence = new Draft(cluster).dependence();
        boolean replaces = cluster.units().keySet().stream()
                .anyMatch(unit -> !dependence.replacedBy(unit).isEmpty());
        // Who is dismissed where the unit would fit may turn out to be the only one left.
        boolean asks = cluster.states().values().stream()
                .flatMap(byMachine -> byMachine.values().stream())
                .anyMatch(UnitState::asksToStay);
        // Who is to reserve more or less than before is counted with the larger of both until it does, or leaves; and
        // once it is placed no more, with what its machine has heard of.
        boolean resized = cluster.placements().values().stream()
                .flatMap(byMachine -> byMachine.values().stream())
                .anyMatch(placed -> RoomCheck.isBehind(cluster, placed)
                        || Optional.ofNullable(cluster.units().get(placed.placement().unit()))
                                .filter(unit -> RoomCheck.isResized(cluster, unit, placed))
                                .isPresent());
        return replaces || asks || resized ? 3 : 0;
    }

    /// The agent stops one unit or, if there is none to stop, starts one.
    ///
    /// @return whether there was anything to do
    private boolean agentActs(String machine) {
        if (!isThere(machine)) {
            return false;
        }
        for (var entry : instances.get(machine).entrySet()) {
            var unit = entry.getKey();
            var it = entry.getValue();
            var placed = placed(unit, machine);
            if (placed.isEmpty() && !it.isUp()) {
                instances.get(machine).remove(unit);
                happened("agent " + machine + " forgets " + unit, () -> scenario.forgets(machine, unit.full()));
                return true;
            }
            if (placed.isEmpty() && isOldest(unit, it.fileHash())) {
                if (asks(machine, unit, it)) {
                    return true;
                }
                continue;
            }
            boolean toRun = placed.filter(p -> p.placement().target() == DesiredState.LAUNCHED).isPresent();
            if (it.isUp() && !toRun) {
                var stopped = it.active("inactive");
                become(machine, unit, placed.map(p -> stopped.placed(p.placement())).orElse(stopped));
                return true;
            }
        }
        for (var unit : cluster().placements().keySet()) {
            var placed = placed(unit, machine);
            if (placed.isPresent() && obey(machine, placed.get())) {
                return true;
            }
        }
        return false;
    }

    private boolean obey(String machine, PlacementFact placed) {
        var placement = placed.placement();
        var it = instances.get(machine).getOrDefault(placement.unit(), Instance.NONE);
        if (it.placementId().equals(placement.id())) {
            return false;
        }
        if (placement.target() != DesiredState.LAUNCHED) {
            become(machine, placement.unit(), it.active("inactive").placed(placement));
            return true;
        }
        boolean adopted = it.isUp() && it.fileHash().equals(placement.fileHash());
        if (!adopted) {
            assertUpNowhereElse(machine, placement.unit());
            assertAlone(machine, placement);
        }
        become(machine, placement.unit(), adopted ? it.placed(placement) : it.started(placement, history.size()));
        return true;
    }

    /// @return false if it has asked before
    private boolean asks(String machine, UnitName unit, Instance it) {
        if (cluster().statesOf(unit).get(id(machine)).asksToStay()) {
            return false;
        }
        happened(
                "agent " + machine + " asks for " + unit,
                () -> scenario.asks(machine, unit.full(), it.since(), it.fileHash()));
        return true;
    }

    private boolean isOldest(UnitName unit, String fileHash) {
        return Contents.of(unit, fileHash, cluster().files()) instanceof Readable readable
                && readable.rules().partition().onReconnect() == OnReconnect.OLDEST;
    }

    private void assertUpNowhereElse(String machine, UnitName unit) {
        for (var other : MACHINES) {
            var it = Optional.ofNullable(instances.get(other).get(unit));
            boolean up = it.filter(known -> known.isUp() && !known.orphaned()).isPresent();
            assertThat(!isGlobal(unit) && !other.equals(machine) && isThere(other) && up)
                    .as("%s starts on %s while it is up on %s", unit, machine, other)
                    .isFalse();
        }
    }

    /// No copy may be up beside an exclusive one, on whatever machine. What was not exclusive counts no more once its
    /// machine was lost and the operator has stopped the unit: that writes it off.
    private void assertAlone(String machine, Placement placement) {
        for (var other : MACHINES) {
            var it = Optional.ofNullable(instances.get(other).get(placement.unit()));
            boolean up = it.filter(Instance::isUp).isPresent() && !other.equals(machine);
            boolean orphaned = it.filter(Instance::orphaned).isPresent();
            boolean known = isThere(other) && !orphaned || placed(placement.unit(), other).isPresent();
            boolean exclusive = it.filter(Instance::exclusive).isPresent();
            assertThat(up && (exclusive || placement.exclusive() && known))
                    .as("%s starts on %s while it is up on %s", placement.unit(), machine, other)
                    .isFalse();
        }
    }

    private void become(String machine, UnitName unit, Instance now) {
        instances.get(machine).put(unit, now);
        if (isThere(machine)) {
            happened(
                    "agent " + machine + " has " + unit + " " + now.active(),
                    () -> scenario.reports(machine, unit.full(), now.active(), now.placementId()));
        }
    }

    private static boolean isGlobal(UnitName unit) {
        return unit.full().startsWith("g");
    }

    private Optional<PlacementFact> placed(UnitName unit, String machine) {
        return Optional.ofNullable(cluster().placementsOf(unit).get(id(machine)));
    }

    private boolean isThere(String machine) {
        return cluster().machines().containsKey(id(machine));
    }

    private static MachineId id(String machine) {
        return Scenario.machineId(machine);
    }

    private void happened(String what, Runnable event) {
        history.add(what);
        event.run();
    }

    private <T> T pick(List<T> from) {
        return from.get(random.nextInt(from.size()));
    }
}
