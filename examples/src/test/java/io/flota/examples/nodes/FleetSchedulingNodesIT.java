package io.flota.examples.nodes;

import static io.flota.examples.nodes.TestNodes.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/// What fleet's functional tests assert of where units run, and where they go when a machine leaves.
class FleetSchedulingNodesIT extends OnFlotads {
    /// TestScheduleConflicts, TestScheduleMultipleConflicts, TestScheduleConditionMachineID,
    /// TestTemplatesWithSpecifiersInMetadata, TestScheduleGlobalUnits, TestScheduleGlobalConflicts
    @Test
    void unitsRunWhereTheirFilesWantThemAndThoseThatFitNowhereWait() throws IOException {
        var machines = machines();
        sleeper("glob@.service", "Conflicts=glob@*.service");
        sleeper("many.1.service", "Conflicts=many.2.service many.3.service");
        sleeper("many.2.service", "Conflicts=many.1.service", "Conflicts=many.3.service");
        sleeper("many.3.service");
        for (String node : machines.keySet()) {
            sleeper("id." + node + ".service", "X-ConditionMachineID=" + machines.get(node));
        }
        sleeper("on@.service", "MachineMetadata=node=%i");
        sleeper("plain@.service");
        sleeper("everywhere.service", "Global=true");
        sleeper("nowhere.service", "Global=true", "Conflicts=everywhere.service");

        lines("start", "--no-block", "glob@1", "glob@2", "glob@3", "glob@4", "glob@5", "many.1", "many.2", "many.3",
                "id.node-1", "id.node-2", "id.node-3", "on@1", "on@2", "on@3", "plain@1", "plain@2", "everywhere");
        assertThat(fleetctl("start", "--block-attempts=1", "on@invalid").exitCode()).isEqualTo(1);

        eventually(() -> assertThat(active()).hasSize(15)
                .hasEntrySatisfying("everywhere.service", on -> assertThat(on).hasSize(3)));
        var active = active();
        var before = pids();
        lines("start", "--no-block", "nowhere");
        assertThat(machinesOf(active, "glob@")).hasSize(3);
        assertThat(lines("list-unit-files", "--no-legend", "--fields", "unit,state"))
                .filteredOn(line -> line.startsWith("glob@"))
                .hasSize(5)
                .filteredOn(line -> line.endsWith("inactive"))
                .hasSize(2);
        assertThat(machinesOf(active, "many.")).hasSize(3);
        machines.forEach((node, id) -> {
            assertThat(only(active, "id." + node + ".service")).isEqualTo(id);
            assertThat(only(active, "on@" + node.substring("node-".length()) + ".service")).isEqualTo(id);
        });
        assertThat(active.get("everywhere.service")).containsExactlyInAnyOrderElementsOf(machines.values());

        lines("status", "--no-block", "everywhere");
        lines("restart", "everywhere");
        eventually(() -> {
            assertThat(active()).isEqualTo(active);
            var others = runOf(pids(), unit -> !unit.equals("everywhere.service"));
            assertThat(others).isEqualTo(runOf(before, unit -> !unit.equals("everywhere.service")));
            assertThat(runOf(pids(), "everywhere.service"::equals))
                    .hasSize(3)
                    .doesNotContainAnyElementsOf(runOf(before, "everywhere.service"::equals));
        });
    }

    private static Set<String> machinesOf(Map<String, Set<String>> active, String prefix) {
        var units = active.keySet().stream().filter(unit -> unit.startsWith(prefix)).toList();
        assertThat(units).hasSize(3);
        return units.stream().map(unit -> only(active, unit)).collect(Collectors.toCollection(TreeSet::new));
    }

    /// TestScheduleOneWayConflict, TestScheduleReplace, TestScheduleCircularReplace
    @Test
    void aUnitWaitsForOneThatDoesNotBearItAndLeavesForOneThatReplacesIt() throws IOException {
        sleeper("hater.service", "Conflicts=hello.service", "MachineMetadata=node=1");
        sleeper("hello.service", "MachineMetadata=node=1");
        var two = new String[] {"MachineMetadata=node=2", "MachineMetadata=node=3"};
        sleeper("replaced.service", two);
        sleeper("one.service", two);
        sleeper("other.service", "MachineOf=one.service");
        sleeper("kick.service", two[0], two[1], "Replaces=replaced.service");
        sleeper("circle.1.service", two[0], two[1], "Replaces=circle.2.service");
        sleeper("circle.2.service", two[0], two[1], "Replaces=circle.1.service");

        lines("start", "hater", "replaced", "circle.1", "circle.2");
        lines("start", "one", "other");
        var before = pids();
        var first = only(active(), "replaced.service");

        lines("start", "--no-block", "hello", "kick");

        eventually(() -> assertThat(active().keySet()).containsExactly(
                "circle.1.service", "circle.2.service", "hater.service", "kick.service", "one.service", "other.service",
                "replaced.service"));
        var active = active();
        assertThat(only(active, "kick.service")).isEqualTo(first);
        assertThat(only(active, "replaced.service")).isNotEqualTo(first);
        assertThat(runOf(pids(), unit -> !Set.of("kick.service", "replaced.service").contains(unit)))
                .as("nobody else has moved, or was started anew")
                .isEqualTo(runOf(before, unit -> !unit.equals("replaced.service")));
        assertThat(lines("list-unit-files", "--no-legend", "--fields", "unit,dstate,state"))
                .anyMatch(line -> line.matches("hello.service\\s+launched\\s+inactive"));

        lines("destroy", "hater");

        eventually(() -> assertThat(active()).containsKey("hello.service").doesNotContainKey("hater.service"));
    }

    /// What runs on which node, in which process.
    private static Set<String> runOf(Map<String, Map<String, String>> pids, Predicate<String> units) {
        return pids.entrySet().stream()
                .flatMap(node -> node.getValue().entrySet().stream()
                        .filter(unit -> units.test(unit.getKey()))
                        .map(unit -> unit.getKey() + " on " + node.getKey() + " as " + unit.getValue()))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    /// TestScheduleMachineOf, TestDynamicClusterNewMemberUnitMigration, and with the machine that comes back as a new
    /// one TestDynamicClusterMemberReboot; before it does so, it has the id of another one, as in TestDetectMachineId
    @Test
    void theUnitsOfAMachineThatLeavesMoveTogetherAndIfItComesBackUnderAnotherIdNobodyElseIsTouched() throws IOException {
        sleeper("ping@.service");
        sleeper("pong@.service", "MachineOf=ping@%i.service");
        sleeper("lone@.service", "Conflicts=lone@*.service");
        lines("start", "ping@1", "pong@1", "ping@2", "pong@2", "ping@3", "pong@3");
        lines("start", "lone@1", "lone@2");
        var before = active();
        pairsAreTogether(before);
        var left = only(before, "lone@1.service");
        var leaver = nodeOf(left);
        assertThat(pids(leaver)).as("a pair, and the one that bears no other of its kind").hasSize(3);
        var runs = runOf(pids(), unit -> !before.get(unit).contains(left));
        purgeAtStops(leaver);

        TestNodes.on(leaver, "systemctl stop flotad");

        eventually(() -> assertThat(active()).hasSize(8));
        assertThat(machines()).hasSize(2);
        assertThat(pids(leaver)).isEmpty();
        var moved = active();
        pairsAreTogether(moved);
        assertThat(only(moved, "lone@1.service")).isNotIn(left, only(before, "lone@2.service"));
        assertThat(runOf(pids(), unit -> true)).containsAll(runs);

        comesBackAs(leaver, machines().values().iterator().next());
    }

    private static void pairsAreTogether(Map<String, Set<String>> active) {
        for (int i = 1; i <= 3; i++) {
            assertThat(only(active, "ping@" + i + ".service")).isEqualTo(only(active, "pong@" + i + ".service"));
        }
    }

    private void comesBackAs(String node, String taken) {
        TestNodes.on(node, "systemctl start flotad");
        lines("start", "lone@3");
        assertThat(pids(node)).containsOnlyKeys("lone@3.service");
        var others = runOf(pids(), unit -> !unit.equals("lone@3.service"));
        var clock = clock(node);

        TestNodes.on(node, "cp /etc/machine-id /root && systemctl stop flotad && echo " + taken + " > /etc/machine-id");
        TestNodes.on(node, "systemctl start flotad");

        eventually(() -> assertThat(logSince(node, clock)).contains("two machines have the machine id " + taken));
        assertThat(service(node)).isEqualTo("active\nsuccess\n");
        assertThat(machines()).hasSize(2).doesNotContainKey(node);
        assertThat(runOf(pids(), unit -> true)).isEqualTo(others).hasSize(8);
        assertThat(fleetctlOf(node, "list-machines", "--no-legend").lines()).hasSize(2);

        var fresh = "f107a" + taken.substring(5).replace('0', '1');
        TestNodes.on(node, "systemctl stop flotad && echo " + fresh + " > /etc/machine-id && systemctl start flotad");

        eventually(() -> assertThat(active().get("lone@3.service")).containsExactly(fresh));
        assertThat(machines()).hasSize(3).containsEntry(node, fresh);
        assertThat(runOf(pids(), unit -> !unit.equals("lone@3.service"))).isEqualTo(others);
    }
}
