package io.flota.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import io.flota.testing.Certificates;
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

        @Option(names = "--check-config")
        boolean checkOnly;

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
        return DaemonCommand.run(daemon, "test-of-flota.toml", args, environment, new PrintWriter(err, true));
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

    /// picocli's own idea is that a flag turns a default of true into false.
    @Test
    void aFlagThatTheFileSetsAlreadyStaysSet() throws Exception {
        Files.writeString(toml, "insecure = true\n");

        assertThat(run(Map.of(), "--config=" + toml, "--insecure", "--listen=0.0.0.0:1")).isZero();
        assertThat(daemon.called).isTrue();
    }

    @Test
    void whatMakesSenseForOneStartOnlyIsNoVariable() {
        assertThat(run(Map.of("FLOTA_CHECK_CONFIG", "true"))).isZero();

        assertThat(daemon.checkOnly).isFalse();
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
    void aWrongValueIsToldWithThePlaceThatItComesFrom() throws Exception {
        Files.writeString(toml, "key-prefix = \"/x/\"\nttl = \"soon\"\n");

        assertThat(refusal(Map.of(), "--config", toml.toString()))
                .singleElement()
                .asString()
                .startsWith("flota-test: " + toml + ":2: ")
                .contains("--ttl")
                .contains("soon");

        err.getBuffer().setLength(0);
        Files.writeString(toml, "key-prefix = \"/x/\"\nlisten = \"0.0.0.0:1\"\n");
        assertThat(refusal(Map.of(), "--config", toml.toString()))
                .singleElement()
                .asString()
                .startsWith("flota-test: " + toml + ":2: --listen 0.0.0.0:1 is beyond loopback");

        err.getBuffer().setLength(0);
        assertThat(refusal(Map.of("FLOTA_LISTEN", "0.0.0.0:2"), "--config", toml.toString()))
                .singleElement()
                .asString()
                .startsWith("flota-test: FLOTA_LISTEN: --listen 0.0.0.0:2 is beyond loopback");

        err.getBuffer().setLength(0);
        assertThat(refusal(Map.of("FLOTA_LISTEN", "0.0.0.0:2"), "--config", toml.toString(), "--listen=0.0.0.0:3"))
                .singleElement()
                .asString()
                .startsWith("flota-test: --listen 0.0.0.0:3 is beyond loopback");
    }

    @Test
    void whatIsForOneStartOnlyIsNoSetting() throws Exception {
        Files.writeString(toml, "config = \"/x\"\ncheck-config = true\n");

        assertThat(refusal(Map.of(), "--config", toml.toString()))
                .hasSize(2)
                .first()
                .asString()
                .startsWith("flota-test: " + toml + ":1: \"config\" is not a setting of flota-test");
    }

    @Test
    void aCheckEndsWithOneWhateverIsWrong() throws Exception {
        Files.writeString(toml, "tl = 1\n");

        assertThat(run(Map.of(), "--check-config", "--config", toml.toString())).isEqualTo(DaemonCommand.FAILED);
        assertThat(run(Map.of(), "--check-config", "--ttl=soon")).isEqualTo(DaemonCommand.FAILED);
        assertThat(run(Map.of(), "--check-config", "--listen=0.0.0.0:1")).isEqualTo(DaemonCommand.FAILED);
        assertThat(daemon.called).isFalse();
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
        err.getBuffer().setLength(0);
        assertThat(refusal(Map.of(), tls(cert.toString(), cert.toString(), "/nowhere")))
                .containsExactly(
                        "flota-test: --tls-ca-file " + cert + " holds no PEM certificate",
                        "flota-test: --tls-cert-file " + cert + " holds no PEM certificate");
    }

    @Test
    void aDamagedKeyIsNamed() throws Exception {
        var authority = Certificates.authority(dir, "ca");
        var own = authority.issue("damaged");
        var lines = Files.readString(own.key());
        Files.writeString(own.key(), lines.replaceFirst("(?m)^\\w{4}", "A"));

        assertThat(refusal(Map.of(), tls(
                        authority.certificate().toString(), own.certificate().toString(), own.key().toString())))
                .containsExactly("flota-test: --tls-key-file " + own.key() + " holds a key that is damaged, or neither EC, RSA nor Ed25519");
    }

    @Test
    void tlsFilesMustMatch() {
        var authority = Certificates.authority(dir, "ca");
        var one = authority.issue("one");
        var other = authority.issue("other");

        assertThat(run(Map.of(), tls(authority.certificate().toString(), one.certificate().toString(),
                        one.key().toString())))
                .isZero();
        assertThat(run(Map.of(), tls(authority.certificate().toString(), one.certificate().toString(),
                        other.key().toString())))
                .isEqualTo(DaemonCommand.WRONG_USAGE);
        assertThat(run(Map.of(), tls(authority.certificate().toString(), one.certificate().toString(), "/nowhere")))
                .isEqualTo(DaemonCommand.WRONG_USAGE);
        var others = Certificates.authority(dir, "others").certificate();
        assertThat(run(Map.of(), tls(others.toString(), one.certificate().toString(), one.key().toString())))
                .isEqualTo(DaemonCommand.WRONG_USAGE);
        assertThat(err.toString().lines())
                .containsExactly(
                        "flota-test: --tls-key-file " + other.key() + " is not the key of the certificate in "
                                + one.certificate(),
                        "flota-test: --tls-key-file /nowhere cannot be read: no such file",
                        "flota-test: --tls-cert-file " + one.certificate() + " is not of the authority in " + others);
    }

    private static String[] tls(String authority, String certificate, String key) {
        return new String[] {
            "--listen=0.0.0.0:0", "--tls-ca-file=" + authority, "--tls-cert-file=" + certificate, "--tls-key-file=" + key
        };
    }

    @Test
    void aValueThatIsNoneIsOneClearLine() {
        assertThat(refusal(Map.of(), "--ttl", "soon")).singleElement().asString().contains("--ttl").contains("soon");
        err.getBuffer().setLength(0);
        assertThat(refusal(Map.of(), "--listen", "4470")).singleElement().asString().contains("HOST:PORT");
    }
}
