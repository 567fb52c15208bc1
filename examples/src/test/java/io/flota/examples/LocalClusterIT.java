package io.flota.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.common.hash.Hashing;
import io.flota.examples.LocalCluster.Node;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// `unitctl local`: its buttons do what they say, and it leaves nothing behind.
class LocalClusterIT {
    @RegisterExtension
    static final LocalCluster CLUSTER = LocalCluster.with("--machines", "2", "--schedulers", "2", "--etcd", "3");

    @Test
    void upReturnsOnceAllMachinesAreThere() {
        CLUSTER.local("up").ok();

        assertThat(CLUSTER.unitctl("list-machines", "--no-legend").lines()).hasSize(2);
        assertThat(CLUSTER.leader()).startsWith("scheduler-");
    }

    @Test
    void upOnARunningClusterTouchesNothing() {
        var before = pids();

        CLUSTER.local("up").ok();

        assertThat(pids()).isEqualTo(before);
    }

    @ParameterizedTest
    @ValueSource(strings = {"etcd-3", "scheduler-2", "machine-1"})
    void killEndsTheProcessAndUpBringsItBack(String node) {
        var before = pids();

        CLUSTER.kill(node);

        assertThat(CLUSTER.node(node).state()).isEqualTo("dead");
        assertThat(runs(before.get(node))).isFalse();

        CLUSTER.local("up").ok();

        var after = pids();
        assertThat(after.get(node)).isNotEqualTo(before.get(node));
        after.remove(node);
        before.remove(node);
        assertThat(after).isEqualTo(before);
    }

    @ParameterizedTest
    @ValueSource(strings = {"etcd-3", "scheduler-2", "machine-1"})
    void pauseStopsAProcessAndResumeLetsItRunOn(String node) {
        var before = CLUSTER.node(node);

        CLUSTER.pause(node);
        var paused = CLUSTER.node(node);
        CLUSTER.resume(node);

        assertThat(paused.state()).startsWith("paused");
        assertThat(CLUSTER.node(node).pid()).isEqualTo(before.pid());
        assertThat(CLUSTER.node(node).state()).startsWith("running");
    }

    @ParameterizedTest
    @ValueSource(strings = {"etcd-3", "scheduler-2", "machine-1"})
    void restartGivesANewProcess(String node) {
        var before = CLUSTER.node(node);

        CLUSTER.restart(node);

        assertThat(runs(before.pid())).isFalse();
        assertThat(CLUSTER.node(node).pid()).isNotEqualTo(before.pid());
        assertThat(CLUSTER.node(node).state()).startsWith("running");
    }

    @Test
    void aUnitOutlivesItsAgentAndDiesWithItsMachine() throws IOException {
        var pidFile = CLUSTER.folder().resolve("unit-pid");
        var unit = Files.writeString(CLUSTER.folder().resolve("witness.service"), """
                [Service]
                ExecStart=/bin/sh -c 'echo $$$$ > %s; exec sleep 1000'
                [X-Fleet]
                MachineMetadata=machine=1
                """.formatted(pidFile));
        try {
            CLUSTER.unitctl("start", unit.toString()).ok();
            await().until(() -> Files.exists(pidFile));
            var pid = Files.readString(pidFile).strip();

            CLUSTER.killAgent("machine-1");

            assertThat(CLUSTER.node("machine-1").state()).isEqualTo("agent dead");
            assertThat(runs(pid)).isTrue();

            CLUSTER.restartAgent("machine-1");
            CLUSTER.local("up").ok();

            assertThat(runs(pid)).isTrue();

            CLUSTER.kill("machine-1");

            assertThat(runs(pid)).isFalse();
        } finally {
            CLUSTER.local("up").ok();
            CLUSTER.unitctl("destroy", "witness").ok();
        }
    }

    @Test
    void twoClustersLiveSideBySide() {
        try (var other = LocalCluster.with("--machines", "1").up()) {
            assertThat(other.unitctl("list-machines", "--no-legend").lines()).hasSize(1);
            assertThat(CLUSTER.unitctl("list-machines", "--no-legend").lines()).hasSize(2);
        }

        assertThat(CLUSTER.nodes()).allMatch(node -> node.state().startsWith("running"));
    }

    @Test
    void downLeavesNothingBehind() throws IOException {
        var other = LocalCluster.with("--machines", "1").up();
        var unit = Files.writeString(other.folder().resolve("sleep.service"), "[Service]\nExecStart=/bin/sleep 1000\n");
        other.unitctl("start", unit.toString()).ok();
        var pids = other.nodes().map(Node::pid).toList();

        other.close();

        assertThat(pids).hasSize(3).noneMatch(LocalClusterIT::runs);
        assertThat(other.folder()).doesNotExist();
        assertThat(cgroups(other.folder())).isEmpty();
        assertThat(processesThatName(other.folder())).isEmpty();
    }

    @Test
    void aDeadDaemonIsNamedWithItsLastWords() {
        try (var other = LocalCluster.with()) {
            var said = other.local("up", "--machines", "1", "--agent-option=--no-such-option");

            assertThat(said.exitCode()).isEqualTo(1);
            assertThat(said.err()).contains("machine-1 ended by itself").contains("--no-such-option");
            other.local("down", "--purge").ok();
        }
    }

    private static Map<String, String> pids() {
        return CLUSTER.nodes().collect(Collectors.toMap(Node::name, Node::pid));
    }

    private static boolean runs(String pid) {
        return ProcessHandle.of(Long.parseLong(pid)).filter(LocalClusterIT::isNoZombie).isPresent();
    }

    private static boolean isNoZombie(ProcessHandle process) {
        try {
            var stat = Files.readString(Path.of("/proc/" + process.pid() + "/stat"));
            return !stat.substring(stat.lastIndexOf(')') + 2).startsWith("Z");
        } catch (IOException _) {
            return false; // it ended meanwhile
        }
    }

    private static List<String> processesThatName(Path folder) {
        try (var processes = ProcessHandle.allProcesses()) {
            return processes
                    .filter(LocalClusterIT::isNoZombie)
                    .flatMap(process -> process.info().commandLine().stream())
                    .filter(line -> line.contains(folder.toString()))
                    .toList();
        }
    }

    /// What is left of a cluster in any cgroup hierarchy would carry an id that is made of its folder.
    private static List<Path> cgroups(Path folder) throws IOException {
        try (var walk = Files.find(Path.of("/sys/fs/cgroup"), 3, (path, _) -> path.endsWith(cgroupOf(folder)))) {
            return walk.toList();
        }
    }

    private static String cgroupOf(Path folder) {
        return "flota-" + Hashing.sha256()
                .hashString(folder.toString(), StandardCharsets.UTF_8)
                .toString()
                .substring(0, 8);
    }
}
