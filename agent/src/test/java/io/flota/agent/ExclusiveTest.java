package io.flota.agent;

import static io.flota.agent.TestCluster.HERE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.flota.loop.World;
import io.flota.testing.EtcdServer;
import io.flota.testing.TcpRelay;
import io.flota.unit.DesiredState;
import io.flota.unit.UnitName;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// An exclusive unit that writes down when it runs, on a real `flota-agent` with a real etcd: whatever becomes of the
/// agent, the unit's last line is older than a moment at which the machine's key was still there.
class ExclusiveTest {
    private static final UnitName UNIT = new UnitName("only.service");
    private static final Duration LIMIT = Duration.ofSeconds(30);

    /// A line of the unit's log.
    private record Line(Duration uptime, long epoch, String what) {}

    @TempDir
    Path folder;

    private final ArrayDeque<AutoCloseable> open = new ArrayDeque<>();
    private final EtcdServer etcd = opened(EtcdServer.start());
    private final TestCluster cluster = opened(new TestCluster(etcd));
    private final TcpRelay relay = opened(new TcpRelay(etcd.endpoint()));

    @BeforeEach
    void place() throws IOException {
        var script = folder.resolve("unit");
        Files.writeString(script, """
                say() { read -r uptime _ </proc/uptime; echo "$uptime $FLOTA_EPOCH $1"; }
                trap 'say term; exit' TERM
                while :; do say tick; sleep 0.005; done >>%s
                """.formatted(log()));
        var file = TestCluster.file("[Service]\nRestart=always\nRestartSec=10ms\nStartLimitIntervalSec=0\n"
                + "ExecStart=/bin/sh " + script + "\n[X-Flota]\nExclusive=true\n");
        cluster.place(UNIT, file, DesiredState.LAUNCHED, 1, "p1");
    }

    @AfterEach
    void close() throws Exception {
        while (!open.isEmpty()) {
            open.pop().close();
        }
    }

    @Test
    void itIsKilledWhenTheAgentIsStoppedAndStartedAnewWhenTheAgentGoesOn() throws Exception {
        var agent = agent("--ttl=3s");
        running(1);

        signal("STOP", agent);
        var present = lastSeen();
        assertThat(lines().getLast().uptime()).isLessThan(present);

        signal("CONT", agent);
        running(lines().size() + 1);
        assertEpochsRise();
    }

    @Test
    void itIsKilledWhenTheAgentIsKilledAndStartedAnewByTheNextAgent() throws Exception {
        var agent = agent("--ttl=3s");
        running(1);

        agent.destroyForcibly().waitFor();
        var present = lastSeen();
        assertThat(lines().getLast().uptime()).isLessThan(present);

        agent("--ttl=3s");
        running(lines().size() + 1);
        assertEpochsRise();
    }

    @Test
    void itIsToldToStopInTimeWhenTheMachineIsCutOffFromEtcd() throws Exception {
        agent("--ttl=3s");
        running(1);

        relay.cut();
        var present = lastSeen();
        assertThat(lines().getLast().uptime()).isLessThan(present);
        assertThat(lines().getLast().what()).isEqualTo("term");

        relay.mend();
        running(lines().size() + 1);
        assertEpochsRise();
    }

    @Test
    void itRunsOnWhenAnotherAgentComesInTime() throws Exception {
        var first = agent("--ttl=60s");
        running(1);
        cluster.until(() -> cluster.reports(UNIT, "active", "p1"));
        var unit = cluster.state(UNIT).orElseThrow().mainPid();

        first.destroyForcibly().waitFor();
        long deadline = deadline();
        agent("--ttl=60s");
        await().atMost(LIMIT).until(() -> deadline() > deadline);
        cluster.until(() -> cluster.reports(UNIT, "active", "p1"));

        assertThat(cluster.state(UNIT).orElseThrow().mainPid()).isEqualTo(unit);
        assertThat(lines().stream().map(Line::epoch).distinct()).hasSize(1);
    }

    @Test
    void anAgentWithAShorterLeaseKeepsTheUnitShorter() throws Exception {
        var first = agent("--ttl=60s");
        running(1);

        first.destroyForcibly().waitFor();
        var second = agent("--ttl=3s");
        var lease = cluster.lease();
        cluster.until(() -> cluster.lease().id() != lease.id());
        signal("STOP", second);

        var present = lastSeen();
        assertThat(lines().getLast().uptime()).isLessThan(present);
        signal("CONT", second);
    }

    /// That of the unit, as the watchdog has been told.
    private long deadline() throws IOException {
        var lines = Files.readAllLines(folder.resolve("state/exec/fence/deadlines"));
        return Long.parseLong(lines.get(1).split(" ")[0]);
    }

    /// Waits until the machine's key has gone.
    ///
    /// @return a moment at which it was still there
    private Duration lastSeen() {
        var present = new ArrayList<>(List.of(uptime()));
        await().atMost(LIMIT).pollInterval(Duration.ofMillis(5)).until(() -> {
            var asked = uptime();
            if (cluster.machine().isEmpty()) {
                return true;
            }
            present.add(asked);
            return false;
        });
        return present.getLast();
    }

    private void running(int lines) {
        await().atMost(LIMIT).until(() -> lines().size() > lines);
    }

    private void assertEpochsRise() throws IOException {
        var epochs = lines().stream().map(Line::epoch).toList();
        assertThat(epochs).isSorted();
        assertThat(epochs.getFirst()).isPositive().isLessThan(epochs.getLast());
    }

    private List<Line> lines() throws IOException {
        if (!Files.exists(log())) {
            return List.of();
        }
        var text = Files.readString(log());
        return text.substring(0, text.lastIndexOf('\n') + 1).lines().map(ExclusiveTest::line).toList();
    }

    private static Line line(String text) {
        var words = text.split(" ");
        var uptime = Duration.ofMillis(Long.parseLong(words[0].replace(".", "")) * 10);
        return new Line(uptime, Long.parseLong(words[1]), words[2]);
    }

    private Path log() {
        return folder.resolve("ticks");
    }

    private static Duration uptime() {
        return Duration.ofNanos(World.REAL.uptime().read());
    }

    private static void signal(String name, Process process) throws Exception {
        new ProcessBuilder("/bin/kill", "-" + name, Long.toString(process.pid())).start().waitFor();
    }

    private Process agent(String... options) throws IOException {
        var command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp", System.getProperty("java.class.path"), AgentMain.class.getName(),
                "--etcd-endpoints=" + relay.endpoint(), "--key-prefix=" + cluster.keys.prefix(),
                "--machine-id=" + HERE, "--listen=127.0.0.1:0", "--runtime=exec", "--state-dir=" + folder.resolve("state")));
        command.addAll(List.of(options));
        var agent = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(folder.resolve("log").toFile()))
                .start();
        open.push(() -> end(agent));
        return agent;
    }

    /// Told to, so that it leaves nothing behind.
    private static void end(Process agent) throws Exception {
        signal("CONT", agent);
        agent.destroy();
        if (!agent.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS)) {
            agent.destroyForcibly().waitFor();
        }
    }

    private <T extends AutoCloseable> T opened(T resource) {
        open.push(resource);
        return resource;
    }
}
