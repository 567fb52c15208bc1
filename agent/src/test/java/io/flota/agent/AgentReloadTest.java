package io.flota.agent;

import static io.flota.agent.TestCluster.HERE;
import static org.assertj.core.api.Assertions.assertThat;

import io.flota.testing.EtcdServer;
import io.flota.unit.DesiredState;
import io.flota.unit.UnitName;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// `flota-agent` as a process of its own that is told to read its settings anew, and one with the settings of a fleetd.
class AgentReloadTest {
    private static final UnitName WEB = new UnitName("web@1.service");
    private static final int LIMIT_SECONDS = 30;

    @TempDir
    private Path folder;

    private final ArrayDeque<AutoCloseable> open = new ArrayDeque<>();
    private final EtcdServer etcd = opened(EtcdServer.start());
    private final TestCluster cluster = opened(new TestCluster(etcd));
    private Path toml;
    private Path conf;

    @BeforeEach
    void settings() throws IOException {
        cluster.place(WEB, DesiredState.LAUNCHED, 1, "p1");
        conf = Files.writeString(folder.resolve("fleet.conf"), """
                etcd_servers=["%s"]
                public_ip=192.0.2.1
                metadata=role=web, disk = ssd
                agent_ttl=10s
                disable_watches=true
                """.formatted(etcd.endpoint()));
        toml = Files.writeString(folder.resolve("agent.toml"), "fleet-config = \"%s\"\n".formatted(conf));
    }

    @AfterEach
    void close() throws Exception {
        while (!open.isEmpty()) {
            open.pop().close();
        }
    }

    @Test
    void theSettingsOfAFleetdAreTakenAndThoseWithoutMeaningNamedOnce() throws Exception {
        agent();
        running();

        var machine = cluster.machine().orElseThrow();
        assertThat(machine.metadata()).isEqualTo(Map.of("role", "web", "disk", "ssd"));
        assertThat(machine.publicIp()).isEqualTo("192.0.2.1");
        assertThat(log().lines().filter(line -> line.contains("disable_watches")))
                .singleElement()
                .asString()
                .contains("WARN", "disable_watches (an agent watches what is placed on its own machine and nothing else)");
    }

    @Test
    void hangupPutsIntoForceWhatCanChangeAndNamesTheRestWithoutTouchingUnitsOrTheRegistration() throws Exception {
        var agent = agent();
        var unit = running();
        var lease = cluster.lease();
        var written = cluster.entry(cluster.keys.state(HERE, WEB)).orElseThrow().leaseId();
        Files.writeString(conf, Files.readString(conf).replace("role=web", "role=db").replace("192.0.2.1", "192.0.2.2"));
        Files.writeString(toml, "hostname = \"other\"\nlog-level = \"debug\"\n" + Files.readString(toml));

        hangup(agent);

        cluster.until(() -> cluster.machine().orElseThrow().metadata().equals(Map.of("role", "db", "disk", "ssd")));
        assertThat(cluster.machine().orElseThrow().publicIp()).isEqualTo("192.0.2.2");
        cluster.until(() -> log().contains("read the settings anew changed=[log-level, metadata, public-ip]"));
        cluster.until(() -> log().contains("restart puts into force, which units do not notice settings=[hostname]"));
        assertThat(cluster.lease()).isEqualTo(lease);
        assertThat(cluster.entry(cluster.keys.state(HERE, WEB)).orElseThrow().leaseId()).isEqualTo(written);
        assertThat(unit.isAlive()).isTrue();
        agent.destroy();
        assertThat(agent.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)).isTrue();
        assertThat(agent.exitValue()).isZero();
    }

    @Test
    void hangupWithWrongSettingsLeavesAllAsItIsAndSaysWhere() throws Exception {
        var agent = agent();
        var unit = running();
        Files.writeString(conf, Files.readString(conf).replace("role=web", "role=db").replace("10s", "10"));

        hangup(agent);

        cluster.until(() -> log().contains(
                "the settings are wrong: those from before hold because=[" + conf + ":4: agent_ttl=10 has no unit"));
        assertThat(cluster.machine().orElseThrow().metadata()).containsEntry("role", "web");
        assertThat(unit.isAlive()).isTrue();
    }

    @Test
    void whatIsToBecomeOfUnitsCanChangeWhileTheyRun() throws Exception {
        Files.writeString(toml, "on-stop = \"keep\"\n" + Files.readString(toml));
        var agent = agent();
        var unit = running();
        Files.writeString(toml, Files.readString(toml).replace("keep", "purge"));

        hangup(agent);
        cluster.until(() -> log().contains("read the settings anew changed=[on-stop]"));
        agent.destroy();

        assertThat(agent.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)).isTrue();
        assertThat(agent.exitValue()).isZero();
        assertThat(unit.isAlive()).isFalse();
        assertThat(cluster.machine()).isEmpty();
        assertThat(cluster.state(WEB)).isEmpty();
    }

    private ProcessHandle running() throws Exception {
        cluster.until(() -> cluster.reports(WEB, "active", "p1"));
        var unit = ProcessHandle.of(cluster.state(WEB).orElseThrow().mainPid()).orElseThrow();
        open.push(unit::destroyForcibly);
        return unit;
    }

    private static void hangup(Process agent) throws Exception {
        assertThat(new ProcessBuilder("kill", "-HUP", Long.toString(agent.pid())).start().waitFor()).isZero();
    }

    private String log() throws IOException {
        return Files.readString(folder.resolve("log"));
    }

    private Process agent() throws IOException {
        var builder = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Dlogback.configurationFile=logback.xml", // not the tests'
                        "-Dlogback.statusListenerClass=ch.qos.logback.core.status.NopStatusListener",
                        "-cp", System.getProperty("java.class.path"), AgentMain.class.getName(), "--config=" + toml,
                        "--key-prefix=" + cluster.keys.prefix(), "--machine-id=" + HERE, "--runtime=exec",
                        "--state-dir=" + folder.resolve("state"), "--listen=127.0.0.1:0")
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(folder.resolve("log").toFile()));
        builder.environment().keySet().removeIf(name -> name.startsWith("FLOTA_") || name.startsWith("FLEET_"));
        var agent = builder.start();
        open.push(() -> {
            agent.destroy();
            if (!agent.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)) {
                agent.destroyForcibly().waitFor();
            }
        });
        return agent;
    }

    private <T extends AutoCloseable> T opened(T resource) {
        open.push(resource);
        return resource;
    }
}
