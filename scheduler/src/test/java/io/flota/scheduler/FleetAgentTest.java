package io.flota.scheduler;

import static io.flota.scheduler.FleetClient.unit;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What fleetctl does to units, in its order and with its waits, with an agent that really runs them.
class FleetAgentTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    /// As fleetctl does.
    private static final Duration POLL = Duration.ofMillis(250);
    private static final String MACHINE = "b".repeat(32);

    @TempDir
    Path folder;

    private final TestCluster cluster = new TestCluster();
    private FleetClient fleet;
    private Process agent;

    @BeforeEach
    void run() throws Exception {
        var scheduler = cluster.scheduler("one", Duration.ofSeconds(60), Duration.ZERO);
        fleet = new FleetClient(scheduler);
        var environment = Files.createFile(folder.resolve("environment"));
        var builder = new ProcessBuilder(new ArrayList<>(List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-XX:+UseSerialGC",
                        "--enable-native-access=ALL-UNNAMED", "-cp", System.getProperty("java.class.path"),
                        "io.flota.agent.AgentMain", "--config", "/dev/null", "--machine-id", MACHINE, "--hostname", "host",
                        "--runtime", "exec", "--etcd-endpoints", cluster.etcd().endpoint().toString(), "--ttl", "30s",
                        "--listen", "127.0.0.1:0", "--public-ip", "127.0.0.1", "--private-ip", "127.0.0.1", "--metadata",
                        "a=b", "--state-dir", folder.resolve("state").toString(), "--environment-file",
                        environment.toString())))
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("log").toFile());
        builder.environment().keySet().removeIf(name -> name.startsWith("FLOTA_"));
        agent = builder.start();
        until(() -> fleet.get("/fleet/v1/machines").body().path("machines").size() == 1);
    }

    @AfterEach
    void close() throws Exception {
        agent.destroy(); // it stops its units
        boolean ended = agent.waitFor(60, TimeUnit.SECONDS);
        agent.destroyForcibly();
        fleet.close();
        cluster.close();
        assertThat(ended).isTrue();
    }

    private static void until(Callable<Boolean> condition) {
        await().atMost(PATIENCE).pollInterval(POLL).until(condition);
    }

    private boolean reads(String state) {
        return fleet.getUnit("web.service").body().path("currentState").asText().equals(state);
    }

    private Path pidFile() {
        return folder.resolve("pid");
    }

    private ProcessHandle process() throws IOException {
        return ProcessHandle.of(Long.parseLong(Files.readString(pidFile()).strip())).orElseThrow();
    }

    private String[] web(String seconds) {
        return new String[] {
            "Service.ExecStartPre=/bin/sleep " + seconds,
            "Service.ExecStart=/bin/sh -c 'echo $$$$ > " + pidFile() + "; exec sleep 1000'"
        };
    }

    private void set(String desired) {
        assertThat(fleet.putUnit("web.service", unit(desired)).status()).isEqualTo(204);
    }

    private boolean isActive() {
        return fleet.get("/fleet/v1/state/web.service").body().path("systemdActiveState").asText().equals("active");
    }

    @Test
    void startRestartStopReplaceUnloadAndDestroyDoWhatTheySay() throws Exception {
        // start: registered, then launched; it reads so only once it has done with starting
        assertThat(fleet.putUnit("web.service", unit("inactive", web("2"))).status()).isEqualTo(201);
        until(() -> reads("inactive"));
        set("launched");
        until(() -> reads("launched"));
        assertThat(isActive()).isTrue();
        assertThat(fleet.getUnit("web.service").body().path("machineID").asText()).isEqualTo(MACHINE);
        var first = process();
        assertThat(first.isAlive()).isTrue();

        // restart: fleetctl waits for launched after it has asked for loaded
        set("loaded");
        until(() -> reads("launched"));
        set("launched");
        until(() -> reads("launched") && isActive() && !process().equals(first));
        var second = process();
        assertThat(first.isAlive()).isFalse();

        // stop: loaded, once nothing of it runs
        set("loaded");
        until(() -> reads("loaded"));
        assertThat(second.isAlive()).isFalse();
        set("launched");
        until(() -> reads("launched") && isActive());
        var third = process();

        // start --replace: another file, which stops it, then launched
        assertThat(fleet.putUnit("web.service", unit("", web("0"))).status()).isEqualTo(201);
        until(() -> reads("inactive"));
        assertThat(third.isAlive()).isFalse();
        set("launched");
        until(() -> reads("launched") && isActive());
        var fourth = process();

        // unload, destroy
        set("inactive");
        until(() -> reads("inactive"));
        assertThat(fourth.isAlive()).isFalse();
        assertThat(fleet.delete("/fleet/v1/units/web.service").status()).isEqualTo(204);
        until(() -> fleet.get("/fleet/v1/state").response().body().equals("{}"));
    }
}
