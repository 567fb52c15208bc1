package io.flota.scheduler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.flota.scheduler.api.CarrierClient;
import io.flota.testing.Certificates;
import io.flota.testing.EtcdServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The program as operators start it.
class SchedulerMainTest {
    private static final String NOWHERE = "http://127.0.0.1:1";

    @TempDir
    Path folder;

    private final List<Process> started = new ArrayList<>();

    @AfterEach
    void end() {
        started.forEach(Process::destroyForcibly);
    }

    private Path log() {
        return folder.resolve("log");
    }

    private String logged() throws IOException {
        return Files.readString(log());
    }

    private Process start(String... options) throws IOException {
        var command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-Dlogback.configurationFile=logback.xml", // not the tests'
                // The tests' class path has two of the modules' jars twice, which is nothing to tell about.
                "-Dlogback.statusListenerClass=ch.qos.logback.core.status.NopStatusListener",
                "-cp",
                System.getProperty("java.class.path"),
                SchedulerMain.class.getName()));
        command.addAll(List.of(options));
        var builder = new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log().toFile());
        builder.environment().keySet().removeIf(name -> name.startsWith("FLOTA_"));
        builder.environment().put("FLOTA_CONFIG", "/dev/null"); // what is installed here is another one
        var process = builder.start();
        started.add(process);
        return process;
    }

    private static int exitCode(Process process) throws InterruptedException {
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).as("it has ended").isTrue();
        return process.exitValue();
    }

    private static int freePort() throws IOException {
        try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    @Test
    void aSignalEndsItWellAndAnotherMayLeadAtOnce() throws Exception {
        try (var etcd = EtcdServer.start()) {
            int port = freePort();
            var process = start(
                    "--etcd-endpoints", etcd.endpoint().toString(), "--leader-ttl", "1min", "--id", "alpha",
                    "--listen", "127.0.0.1:" + port, "--listen-grpc", "127.0.0.1:0");
            var api = new Api.Lean(new CarrierClient(port));
            await().ignoreExceptions().until(() -> api.list().getFreshness().getStaleSinceMillis() == 0);
            await().until(() -> logged().contains("leads id=alpha"));

            process.destroy();

            assertThat(exitCode(process)).isZero();
            try (var store = TestCluster.store(etcd)) {
                assertThat(store.read(TestCluster.KEYS.leader()).entries()).isEmpty();
            }
            assertThat(logged().lines().filter(line -> line.contains("starts daemon="))).hasSize(1);
        }
    }

    @Test
    void aSignalEndsItWellWithoutEtcdToo() throws Exception {
        var process = start("--etcd-endpoints", NOWHERE, "--listen", "127.0.0.1:0", "--listen-grpc", "127.0.0.1:0");
        await().until(() -> logged().contains("etcd is away"));

        process.destroy();

        assertThat(exitCode(process)).isZero();
    }

    @Test
    void withTheEngineOfAFleetdSwitchedOffItAnswersAndNeverLeads() throws Exception {
        var conf = Files.writeString(folder.resolve("fleet.conf"), "disable_engine=true\nagent_ttl=30s\n");
        try (var etcd = EtcdServer.start()) {
            int port = freePort();
            var process = start(
                    "--fleet-config=" + conf, "--etcd-endpoints", etcd.endpoint().toString(), "--id", "alpha", "--listen",
                    "127.0.0.1:" + port, "--listen-grpc", "127.0.0.1:0");
            var other = new Api.Lean(new CarrierClient(port));
            await().ignoreExceptions().until(() -> other.list().getFreshness().getStaleSinceMillis() == 0);

            try (var store = TestCluster.store(etcd)) {
                await().during(Duration.ofSeconds(1)).until(() -> store.read(TestCluster.KEYS.leader()).entries().isEmpty());
                var told = TestCluster.KEYS.scheduler("alpha"); // for agents, which may ask it all the same
                await().until(() -> store.read(told).entries().containsKey(told));
            }
            assertThat(logged()).contains("serves id=alpha leads=false", "exclusiveWait=PT32S");
            process.destroy();
            assertThat(exitCode(process)).isZero();
        }
    }

    @Test
    void hangupHasItReadItsSettingsAnewAndItLeadsOn() throws Exception {
        var settings = Files.writeString(folder.resolve("scheduler.toml"), "id = \"alpha\"\n");
        try (var etcd = EtcdServer.start()) {
            var process = start(
                    "--config=" + settings, "--etcd-endpoints", etcd.endpoint().toString(), "--listen", "127.0.0.1:0",
                    "--listen-grpc", "127.0.0.1:0");
            await().until(() -> logged().contains("leads id=alpha"));
            Files.writeString(settings, "id = \"beta\"\nlog-level = \"debug\"\n");

            assertThat(new ProcessBuilder("kill", "-HUP", Long.toString(process.pid())).start().waitFor()).isZero();

            await().until(() -> logged().contains("read the settings anew changed=[log-level]"));
            await().until(() -> logged().contains("settings=[id]"));
            try (var store = TestCluster.store(etcd)) {
                assertThat(store.read(TestCluster.KEYS.leader()).entries()).hasSize(1);
            }
            process.destroy();
            assertThat(exitCode(process)).isZero();
        }
    }

    @Test
    void aTakenPortIsOneClearLine() throws Exception {
        try (var taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            String address = "127.0.0.1:" + taken.getLocalPort();

            var process = start("--etcd-endpoints", NOWHERE, "--listen", address);

            assertThat(exitCode(process)).isEqualTo(1);
            assertThat(logged().lines().toList().getLast())
                    .startsWith("flota-scheduler: cannot listen on " + address + ": ")
                    .contains("Address already in use");
        }
    }

    @Test
    void anAddressBeyondLoopbackNeedsTlsOrTheWordInsecure() throws Exception {
        var process = start("--etcd-endpoints", NOWHERE, "--listen", "0.0.0.0:0");

        assertThat(exitCode(process)).isEqualTo(2);
        assertThat(logged())
                .startsWith("flota-scheduler: --listen 0.0.0.0:0 is beyond loopback")
                .contains("--insecure");
    }

    @Test
    void wrongSettingsAreToldAllAtOnce() throws Exception {
        var process = start(
                "--etcd-endpoints", "nowhere", "--leader-ttl", "1s", "--exclusive-wait", "1s", "--key-prefix", "flota");

        assertThat(exitCode(process)).isEqualTo(2);
        assertThat(logged().lines())
                .anySatisfy(line -> assertThat(line).contains("--etcd-endpoints nowhere"))
                .anySatisfy(line -> assertThat(line).contains("--leader-ttl 1000ms is too short"))
                .anySatisfy(line -> assertThat(line).contains("--exclusive-wait 1000ms is too short"))
                .anySatisfy(line -> assertThat(line).contains("--key-prefix flota"))
                .allSatisfy(line -> assertThat(line).startsWith("flota-scheduler: "));
    }

    @Test
    void aCheckOfTheSettingsStartsNothing() throws Exception {
        var authority = Certificates.authority(folder, "ca");
        var own = authority.issue("own");
        var other = authority.issue("other");
        var settings = Files.writeString(folder.resolve("scheduler.toml"), """
                listen = "0.0.0.0:0"
                tls-ca-file = "%s"
                tls-cert-file = "%s"
                tls-key-file = "%s"
                """.formatted(authority.certificate(), own.certificate(), own.key()));

        assertThat(exitCode(start("--config=" + settings, "--check-config"))).isZero();
        assertThat(logged()).isEqualTo("flota-scheduler: the settings are fine\n");

        assertThat(exitCode(start("--config=" + settings, "--check-config", "--tls-key-file=" + other.key())))
                .isEqualTo(1);
        assertThat(logged())
                .isEqualTo("flota-scheduler: --tls-key-file " + other.key() + " is not the key of the certificate in "
                        + own.certificate() + "\n");

        Files.delete(own.certificate());
        assertThat(exitCode(start("--config=" + settings, "--check-config"))).isEqualTo(1);
        assertThat(logged())
                .isEqualTo("flota-scheduler: " + settings + ":3: --tls-cert-file " + own.certificate()
                        + " cannot be read: no such file\n");
    }

    @Test
    void listenersWithCertificatesBesideAnOpenEtcdAreWorthAWarning() throws Exception {
        var authority = Certificates.authority(folder, "ca");
        var own = authority.issue("own");

        var process = start(
                "--etcd-endpoints", NOWHERE, "--listen", "127.0.0.1:0", "--listen-grpc", "127.0.0.1:0", "--tls-ca-file",
                authority.certificate().toString(), "--tls-cert-file", own.certificate().toString(), "--tls-key-file",
                own.key().toString());
        await().until(() -> logged().contains("etcd is away"));
        process.destroy();
        exitCode(process);

        assertThat(logged().lines().filter(line -> line.contains("etcd is reached in plain text")))
                .singleElement()
                .asString()
                .contains("WARN", "endpoints=[" + NOWHERE + "]");
    }

    @Test
    void aPasswordIsNotLogged() throws Exception {
        Path password = Files.writeString(folder.resolve("password"), "hunter2\n");

        var process = start(
                "--etcd-endpoints", NOWHERE, "--etcd-user", "flota", "--etcd-password-file", password.toString(),
                "--listen", "127.0.0.1:0", "--listen-grpc", "127.0.0.1:0");
        await().until(() -> logged().contains("etcd is away"));
        process.destroy();
        exitCode(process);

        assertThat(logged()).contains("starts daemon=").doesNotContain("hunter2").doesNotContain("in plain text");
    }
}
