package io.flota.agent;

import static io.flota.agent.TestCluster.HERE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.flota.testing.Certificates;
import io.flota.testing.EtcdServer;
import io.flota.unit.DesiredState;
import io.flota.unit.UnitFile;
import io.flota.unit.UnitName;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// `flota-agent` as a process of its own, and how it ends.
class AgentProcessTest {
    private static final UnitName WEB = new UnitName("web@1.service");
    private static final UnitFile STUBBORN = TestCluster.file("""
            [Service]
            ExecStart=/bin/sh -c 'trap "" TERM; while :; do sleep 1; done'
            TimeoutStopSec=10min
            """);
    private static final Duration LIMIT = Duration.ofSeconds(30);

    @TempDir
    Path folder;

    private final ArrayDeque<AutoCloseable> open = new ArrayDeque<>();
    private final EtcdServer etcd = opened(EtcdServer.start());
    private final TestCluster cluster = opened(new TestCluster(etcd));

    @BeforeEach
    void place() {
        cluster.place(WEB, DesiredState.LAUNCHED, 1, "p1");
    }

    @AfterEach
    void close() throws Exception {
        while (!open.isEmpty()) {
            open.pop().close();
        }
    }

    @Test
    void termHandsOverAndEndsWell() throws Exception {
        var agent = agent();
        var unit = running();

        agent.destroy();

        assertThat(exit(agent)).isZero();
        assertThat(unit.isAlive()).isFalse();
        assertThat(cluster.machine()).isEmpty();
    }

    @Test
    void termLeavesUnitsRunningIfToldToKeepThem() throws Exception {
        var agent = agent("--on-stop=keep");
        var unit = running();

        agent.destroy();

        assertThat(exit(agent)).isZero();
        assertThat(unit.isAlive()).isTrue();
        assertThat(cluster.machine()).isPresent();
        assertTakenOver(unit);
    }

    /// As in the background of a script, or by `nohup`.
    @Test
    void whatTheAgentWasStartedToIgnoreItsUnitsDoNotIgnore() throws Exception {
        var ignoring = new ArrayList<>(List.of("sh", "-c", "trap '' INT HUP TSTP; exec \"$@\"", "sh"));
        ignoring.addAll(command(List.of("--listen=127.0.0.1:0")));
        var agent = started(ignoring);
        var unit = running();

        assertThat(ignored(agent.pid())).doesNotContain(1, 2, 20);
        assertThat(ignored(unit.pid())).doesNotContain(1, 2, 20);
        signal("INT", agent.pid());
        signal("HUP", agent.pid());
        signal("INT", unit.pid());
        cluster.until(() -> !unit.isAlive());
        cluster.until(() -> !cluster.reports(WEB, "active", "p1"));
        assertThat(agent.isAlive()).isTrue();

        agent.destroy();
        assertThat(exit(agent)).isZero();
    }

    /// Of the signals of old.
    private static List<Integer> ignored(long pid) throws IOException {
        var mask = Files.readAllLines(Path.of("/proc/" + pid + "/status")).stream()
                .filter(line -> line.startsWith("SigIgn:"))
                .mapToLong(line -> Long.parseUnsignedLong(line.substring("SigIgn:".length()).strip(), 16))
                .findFirst()
                .orElseThrow();
        return IntStream.rangeClosed(1, 31).filter(number -> (mask >> (number - 1) & 1) == 1).boxed().toList();
    }

    private static void signal(String name, long pid) throws Exception {
        assertThat(new ProcessBuilder("kill", "-" + name, Long.toString(pid)).start().waitFor()).isZero();
    }

    @Test
    void theSignalOfARestartLeavesUnitsRunningWhateverTheSettingsSayAndGivesTheNextAgentTime() throws Exception {
        var agent = agent("--on-stop=handover");
        var unit = running();
        var lease = cluster.lease();

        signal("USR1", agent.pid());

        assertThat(exit(agent)).isZero();
        assertThat(unit.isAlive()).isTrue();
        assertThat(cluster.lease()).isNotEqualTo(lease);
        assertThat(cluster.store.life(cluster.lease().id()).ttl()).isEqualTo(Duration.ofSeconds(30));
        cluster.store.revoke(lease);
        assertThat(cluster.state(WEB).orElseThrow().active()).isEqualTo("active"); // under the new one, too
        assertTakenOver(unit);
        assertThat(cluster.store.life(cluster.lease().id()).ttl()).isLessThan(Duration.ofSeconds(30));
    }

    @Test
    void aSecondTermEndsAnAgentThatWaitsForAStubbornUnit() throws Exception {
        cluster.place(WEB, STUBBORN, DesiredState.LAUNCHED, 1, "p1");
        var agent = agent();
        var unit = running();

        agent.destroy();
        cluster.until(() -> cluster.state(WEB).orElseThrow().active().equals("deactivating"));
        assertThat(agent.isAlive()).isTrue();
        agent.destroy();

        assertThat(exit(agent)).isEqualTo(1);
        assertThat(unit.isAlive()).isTrue();
        assertTakenOver(unit);
        open.push(unit::destroyForcibly); // ahead of the agent, which then has nothing to wait for
    }

    @Test
    void aHandoverThatTakesTooLongEndsAndNamesTheUnitsThatRunOn() throws Exception {
        cluster.place(WEB, STUBBORN, DesiredState.LAUNCHED, 1, "p1");
        var agent = agent("--stop-timeout=1s");
        var unit = running();

        agent.destroy();

        assertThat(exit(agent)).isEqualTo(1);
        assertThat(Files.readString(folder.resolve("log"))).contains("units=[" + WEB);
        assertThat(unit.isAlive()).isTrue();
        assertTakenOver(unit);
        open.push(unit::destroyForcibly); // ahead of the agent, which then has nothing to wait for
    }

    @Test
    void unitsOutliveAnAgentThatIsKilled() throws Exception {
        var agent = agent();
        var unit = running();

        agent.destroyForcibly().waitFor();

        assertThat(unit.isAlive()).isTrue();
        assertTakenOver(unit);
    }

    @Test
    void aSecondAgentOfTheSameMachineIsRefusedItsStateFolder() throws Exception {
        agent();
        running();

        assertThat(exit(agent())).isEqualTo(1);
        assertThat(Files.readString(folder.resolve("log")))
                .contains("flota-agent: another agent uses the state folder");
    }

    @Test
    void aListenerWithCertificatesBesideAnOpenEtcdIsWorthAWarning() throws Exception {
        var authority = Certificates.authority(folder, "ca");
        var own = authority.issue("own");
        agent("--tls-ca-file=" + authority.certificate(), "--tls-cert-file=" + own.certificate(),
                "--tls-key-file=" + own.key());
        running();

        assertThat(Files.readString(folder.resolve("log")).lines())
                .filteredOn(line -> line.contains("etcd is reached in plain text"))
                .singleElement()
                .asString()
                .contains("WARN", "endpoints=[" + etcd.endpoint() + "]");
    }

    /// As early at boot.
    @Test
    void aMachineThatNobodyCouldFindIsRefused() throws Exception {
        assumeTrue(exit(new ProcessBuilder("unshare", "--net", "true").start()) == 0, "no network can be made here");
        var everywhere = List.of("--check-config", "--listen=0.0.0.0:4472", "--insecure");
        var unreachable = new ArrayList<>(List.of("unshare", "--net"));
        unreachable.addAll(command(everywhere));

        assertThat(exit(started(unreachable))).isEqualTo(1);
        assertThat(Files.readString(folder.resolve("log"))).isEqualTo("flota-agent: --listen 0.0.0.0:4472: this machine"
                + " has no route to anywhere, so nobody could be told where to find it: give --private-ip or --advertise, or"
                + " start the agent once the network is up\n");
        unreachable.add("--advertise=10.0.0.7:4472");
        assertThat(exit(started(unreachable))).isZero();
    }

    private void assertTakenOver(ProcessHandle unit) throws Exception {
        var lease = cluster.lease();
        agent();
        cluster.until(() -> cluster.lease().id() != lease.id());
        cluster.until(() -> cluster.entry(cluster.keys.state(HERE, WEB)).orElseThrow().leaseId() != lease.id());
        assertThat(cluster.state(WEB).orElseThrow().mainPid()).isEqualTo(unit.pid());
    }

    private ProcessHandle running() throws Exception {
        cluster.until(() -> cluster.reports(WEB, "active", "p1"));
        var unit = ProcessHandle.of(cluster.state(WEB).orElseThrow().mainPid()).orElseThrow();
        open.push(unit::destroyForcibly);
        return unit;
    }

    private Process agent(String... options) throws IOException {
        var all = new ArrayList<>(List.of("--listen=127.0.0.1:0"));
        all.addAll(List.of(options));
        return started(command(all));
    }

    private List<String> command(List<String> options) {
        var command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp", System.getProperty("java.class.path"), AgentMain.class.getName(),
                "--etcd-endpoints=" + etcd.endpoint(), "--key-prefix=" + cluster.keys.prefix(),
                "--machine-id=" + HERE, "--ttl=10s",
                "--runtime=exec", "--state-dir=" + folder.resolve("state")));
        command.addAll(options);
        return command;
    }

    private Process started(List<String> command) throws IOException {
        var log = folder.resolve("log").toFile();
        var builder = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log));
        builder.environment().put("FLOTA_CONFIG", "/dev/null"); // what is installed here is another one
        var agent = builder.start();
        open.push(() -> end(agent));
        return agent;
    }

    /// Told to, so that it leaves nothing behind.
    private static void end(Process agent) throws InterruptedException {
        agent.destroy();
        if (!agent.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS)) {
            agent.destroyForcibly().waitFor();
        }
    }

    private static int exit(Process agent) throws InterruptedException {
        assertThat(agent.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS)).as("the agent ends").isTrue();
        return agent.exitValue();
    }

    private <T extends AutoCloseable> T opened(T resource) {
        open.push(resource);
        return resource;
    }
}
