package io.flota.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// fleetctl's ways by ssh, against a real sshd.
class SshIT {
    @RegisterExtension
    static final LocalCluster CLUSTER = LocalCluster.with("--machines", "2");

    private static Sshd sshd;

    @BeforeAll
    static void startSshd() throws Exception {
        assumeTrue(Sshd.isInstalled(), "no openssh-server is installed");
        sshd = Sshd.start();
        Units.write(CLUSTER.folder(), "hello@.service");
        CLUSTER.unitctl("start", "hello@1", "hello@2").ok();
    }

    @AfterAll
    static void endSshd() throws IOException {
        if (sshd != null) {
            sshd.close();
        }
    }

    /// unitctl with the operator's key at hand.
    private static Unitctl.Result unitctl(String... arguments) {
        return new Unitctl(CLUSTER.folder(), environment()).run(arguments);
    }

    private static Map<String, String> environment() {
        var environment = new TreeMap<>(sshd.environment());
        environment.put("FLEETCTL_SSH_USERNAME", Sshd.user());
        environment.put("FLEETCTL_KNOWN_HOSTS_FILE", sshd.knownHosts().toString());
        environment.put("FLEETCTL_ENDPOINT", CLUSTER.endpoint());
        return environment;
    }

    private static Unitctl.Result through(String tunnel, String... arguments) {
        return unitctl(Stream.concat(Stream.of("--tunnel", tunnel), Stream.of(arguments)).toArray(String[]::new));
    }

    @Test
    void aTunnelLeadsToTheSchedulerWhateverWayItIsNamed() throws IOException {
        sshd.trust("127.0.0.1");
        String tunnel = "127.0.0.1:" + sshd.port();
        String host = CLUSTER.ipOf("scheduler-1");

        assertThat(through(tunnel, "list-units", "--no-legend").lines()).hasSize(2);
        assertThat(through(tunnel, "--endpoint", "http://" + host + ":49153", "list-machines", "--no-legend").lines())
                .hasSize(2);
        var many = through(tunnel, Units.arguments("start", Units.instances("hello", 11)));
        assertThat(many.ok().lines()).hasSize(11);
        assertThat(many.err()).doesNotContain("Error");
        assertThat(ProcessHandle.allProcesses()
                        .filter(process -> process.info().commandLine().orElse("").contains("unitctl tunnel is ready")))
                .isEmpty();
        CLUSTER.unitctl("destroy", "hello@[3-9]", "hello@1?").ok();
    }

    @Test
    void aTunnelThatCannotBeMadeIsToldWithItsReason() throws IOException {
        sshd.trustAnother("127.0.0.1");

        var refused = through("127.0.0.1:" + sshd.port(), "list-machines");
        assertThat(refused.exitCode()).isEqualTo(1);
        assertThat(refused.err()).contains("REMOTE HOST IDENTIFICATION HAS CHANGED")
                .contains("no tunnel by 127.0.0.1:" + sshd.port() + ": ssh ended with 255");

        assertThat(through("127.0.0.1:" + sshd.port(), "--strict-host-key-checking=false", "list-machines").exitCode())
                .isZero();
        assertThat(Files.readString(sshd.knownHosts()).lines()).hasSize(1);
    }

    @Test
    void aShellIsOnTheMachineThatIsMeantAndItsExitStatusIsOurs() throws IOException {
        String machine =
                CLUSTER.unitctl("list-units", "--no-legend", "--full", "--fields", "machine", "hello@1").ok().strip();
        String id = machine.substring(0, machine.indexOf('/'));
        String ip = machine.substring(machine.indexOf('/') + 1);
        sshd.trust(ip, "127.0.0.1");
        String port = Integer.toString(sshd.port());

        assertThat(unitctl("ssh", "--ssh-port", port, "hello@1.service", "echo", "$SSH_CONNECTION").ok())
                .contains(ip + " " + port);
        assertThat(unitctl("ssh", "--ssh-port", port, id.substring(0, 8), "--", "echo", "-n", "a  b").ok())
                .isEqualTo("a b");
        assertThat(unitctl("ssh", "--ssh-port", port, "--machine", id, "exit", "7").exitCode()).isEqualTo(7);
        assertThat(unitctl("ssh", "--ssh-port", port, "--unit", "hello@1", "true").exitCode()).isZero();
        assertThat(unitctl("ssh", "--ssh-port", "1", "hello@1", "true").exitCode()).isEqualTo(255);
        assertThat(through("127.0.0.1:" + port, "ssh", "--ssh-port", port, "hello@1", "echo", "hop").ok())
                .isEqualTo("hop\n");
    }

    /// fleet's TestKnownHostsVerification.
    @Test
    void aHostsKeyIsAskedForOnceThenKeptAndAnotherOneIsRefused() throws Exception {
        String port = Integer.toString(sshd.port());
        String machine =
                CLUSTER.unitctl("list-units", "--no-legend", "--full", "--fields", "machine", "hello@1").ok().strip();
        String[] quietly = {"ssh", "--ssh-port", port, "hello@1", "true"};
        try (var terminal = new Tmux(CLUSTER.folder(), environment())) {
            for (int time = 1; time <= 2; time++) {
                Files.deleteIfExists(sshd.knownHosts());
                terminal.type("unitctl ssh --ssh-port " + port + " hello@1 echo time $((" + time + "))");
                terminal.untilShown("(?s)(continue connecting.*){" + time + "}");
                terminal.type("yes");
                terminal.untilShown("(?m)^time " + time + "$");
                assertThat(unitctl(quietly).exitCode()).isZero();

                sshd.trustAnother(machine.substring(machine.indexOf('/') + 1));

                var refused = unitctl(quietly);
                assertThat(refused.exitCode()).isEqualTo(255);
                assertThat(refused.err()).contains("REMOTE HOST IDENTIFICATION HAS CHANGED");
            }
        }
    }

    @Test
    void aMachineOrUnitThatIsNotThereIsTold() {
        var nobody = unitctl("ssh", "ghost", "true");

        assertThat(nobody.exitCode()).isEqualTo(1);
        assertThat(nobody.err()).contains("Unable to proceed: could not find matching unit or machine");
    }

    /// fleetctl's tunnel to a unix socket runs this on the far side.
    @Test
    void whatGoesToASocketAndComesFromItIsHandedOn() throws Exception {
        Path socket = CLUSTER.folder().resolve("echo.sock");
        var command = List.of(Unitctl.home().resolve("bin/unitctl").toString(), "fd-forward", socket.toString());
        var echo = new EchoSocket(socket);
        var process = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
        try (echo) {
            process.getOutputStream().write("GET / HTTP/1.1\n".getBytes(StandardCharsets.UTF_8));
            process.getOutputStream().close();

            assertThat(new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
                    .isEqualTo("GET / HTTP/1.1\n");
            assertThat(process.waitFor(20, TimeUnit.SECONDS)).isTrue();
            assertThat(process.exitValue()).isZero();
        } finally {
            process.destroyForcibly();
        }
    }
}
