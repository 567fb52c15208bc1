package io.flota.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

class DaemonCommandTest {
    @Command(name = "flota-test")
    static final class TestDaemon implements Callable<Integer> {
        @Option(names = "--config")
        Optional<Path> config = Optional.empty();

        @Option(names = "--ttl", defaultValue = "5s")
        Duration ttl = Duration.ZERO;

        @Option(names = "--metadata", split = ",")
        Map<String, String> metadata = Map.of();

        @Option(names = "--listen", defaultValue = "127.0.0.1:4470")
        ListenAddress listen = new ListenAddress("127.0.0.1", 0);

        @Mixin
        EtcdOptions etcd = new EtcdOptions();

        @Mixin
        ListenOptions listening = new ListenOptions();

        boolean called;

        @Override
        public Integer call() throws SettingsException {
            listening.check(Map.of("--listen", listen));
            called = true;
            return 0;
        }
    }

    @TempDir
    Path dir;

    private final TestDaemon daemon = new TestDaemon();
    private final StringWriter err = new StringWriter();
    private Path toml;

    @BeforeEach
    void settingsFile() {
        toml = dir.resolve("agent.toml");
    }

    private int run(Map<String, String> environment, String... args) {
        return DaemonCommand.run(daemon, args, environment, new PrintWriter(err, true));
    }

    private List<String> refusal(Map<String, String> environment, String... args) {
        assertThat(run(environment, args)).isEqualTo(DaemonCommand.WRONG_USAGE);
        assertThat(daemon.called).isFalse();
        return err.toString().lines().toList();
    }

    @Test
    void aFlagBeatsTheEnvironmentWhichBeatsTheFileWhichBeatsTheDefault() throws Exception {
        Files.writeString(toml, """
                ttl = "7s"
                key-prefix = "/file/"
                etcd-endpoints = ["http://10.0.0.1:2379", "http://10.0.0.2:2379"]
                [metadata]
                role = "web"
                rack = 7
                """);

        int exit = run(
                Map.of("FLOTA_TTL", "8s", "FLOTA_KEY_PREFIX", "/environment/"),
                "--config=" + toml,
                "--key-prefix",
                "/flag/");

        assertThat(exit).isZero();
        assertThat(daemon.etcd.keyPrefix).isEqualTo("/flag/");
        assertThat(daemon.ttl).isEqualTo(Duration.ofSeconds(8));
        assertThat(daemon.metadata).isEqualTo(Map.of("role", "web", "rack", "7"));
        assertThat(daemon.etcd.endpoints).hasSize(2);
        assertThat(daemon.listen).isEqualTo(new ListenAddress("127.0.0.1", 4470));
    }

    @Test
    void everyMisspeltKeyIsNamedWithItsLineAndTheNearestSetting() throws Exception {
        Files.writeString(toml, "tl = \"7s\"\n\nkey_prefix = \"/x/\"\n");

        assertThat(refusal(Map.of("FLOTA_CONFIG", toml.toString())))
                .containsExactly(
                        "flota-test: " + toml + ":1: \"tl\" is not a setting of flota-test; did you mean \"ttl\"?",
                        "flota-test: " + toml
                                + ":3: \"key_prefix\" is not a setting of flota-test; did you mean \"key-prefix\"?");
    }

    @Test
    void brokenTomlIsNamedWithItsLine() throws Exception {
        Files.writeString(toml, "ttl = \"7s\"\nmetadata = [\n");

        assertThat(refusal(Map.of(), "--config", toml.toString())).first().asString().contains(toml + ":");
    }

    @Test
    void aMissingFileIsNamed() {
        assertThat(refusal(Map.of(), "--config", toml.toString()))
                .containsExactly("flota-test: cannot read the settings file " + toml + ": no such file");
    }

    @Test
    void anAddressBeyondLoopbackIsRefusedWithoutTlsOrInsecure() {
        assertThat(refusal(Map.of(), "--listen", "0.0.0.0:4470")).singleElement().asString().contains("--insecure");
        assertThat(run(Map.of(), "--listen", "0.0.0.0:4470", "--insecure")).isZero();
    }

    @Test
    void tlsFilesMustBeCompleteAndReadable() throws Exception {
        var cert = Files.writeString(dir.resolve("cert.pem"), "");

        assertThat(refusal(Map.of(), "--tls-cert-file", cert.toString()))
                .singleElement()
                .asString()
                .contains("belong together");
        assertThat(refusal(Map.of(), "--tls-cert-file", cert.toString(), "--tls-key-file", "/nowhere"))
                .last()
                .asString()
                .contains("--tls-key-file /nowhere cannot be read");
    }

    @Test
    void aValueThatIsNoneIsOneClearLine() {
        assertThat(refusal(Map.of(), "--ttl", "soon")).singleElement().asString().contains("--ttl").contains("soon");
        err.getBuffer().setLength(0);
        assertThat(refusal(Map.of(), "--listen", "4470")).singleElement().asString().contains("HOST:PORT");
    }
}
