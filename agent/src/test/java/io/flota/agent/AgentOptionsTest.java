package io.flota.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.flota.daemon.DaemonCommand;
import io.flota.daemon.DaemonProcess;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/// What an operator sees of settings: `--check-config` reads and checks them all.
class AgentOptionsTest {
    private static final String ID = "--machine-id=0123456789abcdef0123456789abcdef";

    @TempDir
    Path folder;

    private final StringWriter said = new StringWriter();

    @Test
    void goodSettingsAreFine() {
        int exit = check(Map.of(), ID, "--metadata=region=eu,disk=ssd", "--memory=512M", "--cpus=2", "--ttl=2500ms",
                "--on-stop=keep", "--public-ip=192.0.2.7", "--private-ip=fd00::7", "--listen=127.0.0.1:0");

        assertThat(exit).isZero();
        assertThat(said.toString()).isEqualTo("flota-agent: the settings are fine\n");
    }

    @Test
    void allProblemsAreToldAtOnceEachInOneLine() {
        int exit = check(
                Map.of("FLOTA_TTL", "1s"), "--machine-id=xyz", "--memory=lots", "--cpus=0", "--on-stop=maybe",
                "--runtime=magic", "--public-ip=here", "--metadata==x", "--environment-file=/does/not/exist",
                "--etcd-endpoints=localhost", "--listen=0.0.0.0:4472", "--private-ip=10.0.0.7");

        assertThat(exit).isEqualTo(1);
        assertThat(said.toString().lines())
                .allMatch(line -> line.startsWith("flota-agent: "))
                .hasSize(11)
                .anyMatch(line -> line.contains("--machine-id: \"xyz\" is not a machine id"))
                .anyMatch(line -> line.contains("FLOTA_TTL: --ttl 1000ms is too short: etcd grants 2s or more"))
                .anyMatch(line -> line.contains("--memory: "))
                .anyMatch(line -> line.contains("--cpus 0 is less than 1"))
                .anyMatch(line -> line.contains("--on-stop maybe is neither handover nor keep"))
                .anyMatch(line -> line.contains("--runtime magic is not known"))
                .anyMatch(line -> line.contains("--public-ip here is not an IP address"))
                .anyMatch(line -> line.contains("--metadata has an empty key"))
                .anyMatch(line -> line.contains("--environment-file /does/not/exist cannot be read"))
                .anyMatch(line -> line.contains("--etcd-endpoints localhost is not"))
                .anyMatch(line -> line.contains("--listen 0.0.0.0:4472 is beyond loopback"));
    }

    @Test
    void theSettingsFileCounts() throws Exception {
        var file = Files.writeString(folder.resolve("agent.toml"), """
                ttl = "1s"
                [metadata]
                region = "eu"
                """);

        int exit = check(Map.of(), ID, "--config=" + file);

        assertThat(exit).isEqualTo(1);
        assertThat(said.toString()).startsWith("flota-agent: " + file + ":1: --ttl 1000ms is too short");
    }

    @Test
    void unitsMayBeEnteredUnlessThatIsForbidden() throws Exception {
        var file = Files.writeString(folder.resolve("agent.toml"), "exec = false\n");

        assertThat(exec(Map.of())).isTrue();
        assertThat(exec(Map.of(), "--exec")).isTrue();
        assertThat(exec(Map.of(), "--no-exec")).isFalse();
        assertThat(exec(Map.of("FLOTA_EXEC", "false"))).isFalse();
        assertThat(exec(Map.of("FLOTA_CONFIG", file.toString()))).isFalse();
        assertThat(exec(Map.of("FLOTA_CONFIG", file.toString()), "--exec")).isTrue();
    }

    /// Says whether units may be entered.
    @Command
    private static final class Asked implements Callable<Integer> {
        @Mixin
        private AgentOptions options = new AgentOptions();

        @Override
        public Integer call() {
            return options.exec ? 0 : 7;
        }
    }

    private boolean exec(Map<String, String> environment, String... words) {
        int exit = DaemonCommand.run(
                new Asked(), new AgentMain().settingsFile(), words, environment, new PrintWriter(said, true));
        assertThat(said.toString()).isEmpty();
        assertThat(exit).isIn(0, 7);
        return exit == 0;
    }

    private int check(Map<String, String> environment, String... args) {
        var err = new PrintWriter(said, true);
        var all = new String[args.length + 1];
        System.arraycopy(args, 0, all, 0, args.length);
        all[args.length] = "--check-config";
        return DaemonProcess.run(AgentMain::new, all, environment, err);
    }
}
