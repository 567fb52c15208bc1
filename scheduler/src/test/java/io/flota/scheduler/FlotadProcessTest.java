package io.flota.scheduler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.flota.daemon.Flotad;
import io.flota.machine.MachineId;
import io.flota.registry.Codec;
import io.flota.registry.Fact.MachineFact;
import io.flota.registry.Fact.StateFact;
import io.flota.scheduler.api.CarrierClient;
import io.flota.store.Store;
import io.flota.store.StoreException;
import io.flota.testing.EtcdServer;
import io.flota.unit.UnitName;
import io.flota.unit.UnitState;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// `flotad` as operators start it: scheduler and agent, one process.
class FlotadProcessTest {
    private static final MachineId HERE = new MachineId("0123456789abcdef0123456789abcdef");
    private static final UnitName WEB = new UnitName("web@1.service");
    private static final int LIMIT_SECONDS = 60;

    @TempDir
    private Path folder;

    private final ArrayDeque<AutoCloseable> open = new ArrayDeque<>();
    private final EtcdServer etcd = opened(EtcdServer.start());
    private final Store store = opened(TestCluster.store(etcd));
    private final Codec codec = new Codec(TestCluster.KEYS);
    private int port;

    @AfterEach
    void end() throws Exception {
        while (!open.isEmpty()) {
            open.pop().close();
        }
    }

    @Test
    void oneProcessPlacesAndRunsUnitsAndKeepsThemWhenItEndsAndTheNextOneGoesOn() throws Exception {
        var flotad = flotad();
        var unit = launched();

        flotad.destroy();

        assertThat(exit(flotad)).isZero();
        assertThat(unit.isAlive()).isTrue();
        assertThat(leads()).isFalse();
        assertThat(machine()).isPresent();
        assertThat(log()).containsSubsequence("another scheduler may lead", "units run on, the machine counts as alive");
        flotad();
        await().atMost(Duration.ofSeconds(LIMIT_SECONDS)).until(this::leads);
        await().atMost(Duration.ofSeconds(LIMIT_SECONDS)).ignoreExceptions()
                .until(() -> state().orElseThrow().mainPid() == unit.pid());
        assertThat(unit.isAlive()).isTrue();
    }

    @Test
    void toldToPurgeItStopsItsUnitsAndLeavesNothingOfItsMachine() throws Exception {
        var flotad = flotad("--on-stop=purge");
        var unit = launched();

        flotad.destroy();

        assertThat(exit(flotad)).isZero();
        assertThat(unit.isAlive()).isFalse();
        assertThat(machine()).isEmpty();
        assertThat(state()).isEmpty();
        assertThat(leads()).isFalse();
    }

    @Test
    void hangupReadsOneSetOfSettingsForBothAndTouchesNothing() throws Exception {
        var agents = Files.writeString(folder.resolve("agent.toml"), "metadata = { role = \"web\" }\n");
        var flotad = flotad("--agent-config=" + agents);
        var unit = launched();
        var leader = store.read(TestCluster.KEYS.leader()).entries();
        Files.writeString(agents, "metadata = { role = \"db\" }\nttl = \"20s\"\n");

        assertThat(new ProcessBuilder("kill", "-HUP", Long.toString(flotad.pid())).start().waitFor()).isZero();

        await().atMost(Duration.ofSeconds(LIMIT_SECONDS))
                .until(() -> machine().orElseThrow().machine().metadata().equals(Map.of("role", "db")));
        await().until(() -> log().contains("restart puts into force, which units do not notice settings=[ttl]"));
        assertThat(unit.isAlive()).isTrue();
        assertThat(store.read(TestCluster.KEYS.leader()).entries()).isEqualTo(leader);
    }

    @Test
    void whatOneOfThemFailsOfEndsTheProcessWithItsReason() throws Exception {
        try (var taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            var address = "127.0.0.1:" + taken.getLocalPort();

            var flotad = flotad("--agent-listen=" + address);

            assertThat(exit(flotad)).isEqualTo(1);
            assertThat(log().lines().toList().getLast()).startsWith("flotad: cannot listen on " + address);
            assertThat(leads()).isFalse();
        }
    }

    private ProcessHandle launched() throws Exception {
        var api = new Api.Lean(new CarrierClient(port));
        await().atMost(Duration.ofSeconds(LIMIT_SECONDS)).ignoreExceptions().until(() -> {
            api.apply(TestCluster.start(WEB.toString(), "[Service]", "ExecStart=/bin/sleep 600"));
            return true;
        });
        await().atMost(Duration.ofSeconds(LIMIT_SECONDS)).ignoreExceptions()
                .until(() -> state().orElseThrow().active().equals("active"));
        var unit = ProcessHandle.of(state().orElseThrow().mainPid()).orElseThrow();
        open.push(unit::destroyForcibly);
        return unit;
    }

    private boolean leads() throws StoreException {
        return !store.read(TestCluster.KEYS.leader()).entries().isEmpty();
    }

    private Optional<MachineFact> machine() throws StoreException {
        return store.read(TestCluster.KEYS.machine(HERE)).entries().values().stream()
                .flatMap(entry -> codec.decode(entry).stream())
                .map(MachineFact.class::cast)
                .findFirst();
    }

    private Optional<UnitState> state() throws StoreException {
        return store.read(TestCluster.KEYS.state(HERE, WEB)).entries().values().stream()
                .flatMap(entry -> codec.decode(entry).stream())
                .map(fact -> ((StateFact) fact).state())
                .findFirst();
    }

    private String log() throws IOException {
        return Files.readString(folder.resolve("log"));
    }

    private Process flotad(String... options) throws IOException {
        port = freePort();
        var command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-Dlogback.configurationFile=logback.xml", // not the tests'
                "-Dlogback.statusListenerClass=ch.qos.logback.core.status.NopStatusListener",
                "-cp", System.getProperty("java.class.path"), Flotad.class.getName(),
                "--etcd-endpoints", etcd.endpoint().toString(), "--fleet-config=/dev/null", "--scheduler-config=/dev/null",
                "--machine-id=" + HERE, "--runtime=exec", "--state-dir", folder.resolve("state").toString(),
                "--scheduler-listen=127.0.0.1:" + port, "--listen-grpc=127.0.0.1:0"));
        command.addAll(List.of(options));
        if (List.of(options).stream().noneMatch(option -> option.startsWith("--agent-listen"))) {
            command.add("--agent-listen=127.0.0.1:0");
        }
        if (List.of(options).stream().noneMatch(option -> option.startsWith("--agent-config"))) {
            command.add("--agent-config=/dev/null");
        }
        var builder = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(folder.resolve("log").toFile()));
        builder.environment().keySet().removeIf(name -> name.startsWith("FLOTA_") || name.startsWith("FLEET_"));
        var process = builder.start();
        open.push(() -> {
            process.destroy();
            if (!process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly().waitFor();
            }
        });
        return process;
    }

    private static int exit(Process process) throws InterruptedException {
        assertThat(process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)).as("it has ended").isTrue();
        return process.exitValue();
    }

    private static int freePort() throws IOException {
        try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    private <T extends AutoCloseable> T opened(T resource) {
        open.push(resource);
        return resource;
    }
}
