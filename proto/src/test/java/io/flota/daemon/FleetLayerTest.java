package io.flota.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.collect.ImmutableSortedSet;
import io.flota.store.Store;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// What a fleetd was told, among Flota's own settings.
class FleetLayerTest {
    @Command(name = "flota-test")
    static final class TestDaemon implements Daemon {
        @Mixin
        private EtcdOptions etcd = new EtcdOptions();

        @Mixin
        private ListenOptions protection = new ListenOptions();

        @Mixin
        private DaemonOptions process = new DaemonOptions();

        @Option(names = "--ttl", defaultValue = "5s")
        private Duration ttl = Duration.ZERO;

        @Option(names = "--metadata", split = ",")
        private Map<String, String> metadata = new TreeMap<>();

        @Override
        public String shortName() {
            return "test";
        }

        @Override
        public String version() {
            return "1";
        }

        @Override
        public String settingsFile() {
            return "test-of-flota.toml";
        }

        @Override
        public DaemonOptions process() {
            return process;
        }

        @Override
        public EtcdOptions etcd() {
            return etcd;
        }

        @Override
        public ListenOptions protection() {
            return protection;
        }

        @Override
        public ImmutableSortedSet<String> changeable() {
            return ImmutableSortedSet.of();
        }

        @Override
        public String check() throws SettingsException {
            var problems = new ArrayList<>(etcd.problems());
            if (ttl.compareTo(Duration.ofSeconds(2)) < 0) {
                problems.add("--ttl " + ttl.toMillis() + "ms is too short");
            }
            if (!problems.isEmpty()) {
                throw new SettingsException(problems);
            }
            return "";
        }

        @Override
        public Working start(Store store) {
            throw new AssertionError("only checked");
        }
    }

    @TempDir
    private Path folder;

    private final StringWriter said = new StringWriter();
    private Path conf;
    private TestDaemon daemon = new TestDaemon();

    @BeforeEach
    void settingsFile() {
        conf = folder.resolve("fleet.conf");
    }

    private List<String> check(Map<String, String> environment, int exit, String... options) {
        var words = new ArrayList<>(List.of("--check-config"));
        words.addAll(List.of(options));
        daemon = new TestDaemon();
        assertThat(DaemonProcess.run(() -> daemon, words.toArray(String[]::new), environment, new PrintWriter(said, true)))
                .as(said.toString())
                .isEqualTo(exit);
        var lines = said.toString().lines().toList();
        said.getBuffer().setLength(0);
        return lines;
    }

    @Test
    void fleetsFileAndVariablesCountAndACheckSaysWhatTheyBecome() throws Exception {
        Files.writeString(conf, """
                etcd_servers=http://10.0.0.1:2379,http://10.0.0.1:4001
                # as it was
                agent_ttl="30s"
                enable_grpc=true
                metadata=role=web
                disable_engine=true
                etcd_password=hunter2
                etcd_username=root
                """);

        var lines = check(Map.of("FLEET_METADATA", "role=db", "FLEET_CTL", "x"), 0, "--fleet-config=" + conf);

        assertThat(lines).containsExactly(
                "flota-test: " + conf + ":3: agent_ttl becomes --ttl 30s",
                "flota-test: " + conf + ":3: agent_ttl becomes --exclusive-wait 32s, which is not for flota-test",
                "flota-test: " + conf + ":6: disable_engine becomes --lead false, which is not for flota-test",
                "flota-test: " + conf + ":4: enable_grpc has no meaning: nothing has to be kept away from etcd: states are"
                        + " told when they change",
                "flota-test: " + conf + ":7: etcd_password becomes --etcd-password …",
                "flota-test: " + conf + ":1: etcd_servers becomes --etcd-endpoints http://10.0.0.1:2379: without those at"
                        + " 4001, the port of etcd 0.4",
                "flota-test: " + conf + ":8: etcd_username becomes --etcd-user root",
                "flota-test: FLEET_METADATA becomes --metadata role=db",
                "flota-test: the settings are fine");
        assertThat(daemon.ttl).isEqualTo(Duration.ofSeconds(30));
        assertThat(daemon.metadata).isEqualTo(Map.of("role", "db"));
        assertThat(daemon.etcd.settings().endpoints()).containsExactly(URI.create("http://10.0.0.1:2379"));
        assertThat(daemon.etcd.settings().login().orElseThrow().password()).isEqualTo("hunter2");
    }

    @Test
    void whateverFlotaIsToldBeatsWhatFleetWasTold() throws Exception {
        Files.writeString(conf, "agent_ttl=30s\netcd_key_prefix=/smoke\nmetadata=a=fleet\n");
        var toml = Files.writeString(folder.resolve("flota.toml"), """
                ttl = "7s"
                fleet-config = "%s"
                """.formatted(conf));

        var lines = check(
                Map.of("FLOTA_KEY_PREFIX", "/mine/", "FLEET_AGENT_TTL", "40s"), 0, "--config=" + toml, "--metadata=a=b");

        assertThat(lines).anyMatch(line -> line.endsWith("FLEET_AGENT_TTL becomes --ttl 40s; " + toml + ":1 beats it"))
                .anyMatch(line -> line.endsWith("--key-prefix /mine/") || line.endsWith("; FLOTA_KEY_PREFIX beats it"))
                .anyMatch(line -> line.endsWith("metadata becomes --metadata a=fleet; the command line beats it"));
        assertThat(daemon.ttl).isEqualTo(Duration.ofSeconds(7));
        assertThat(daemon.etcd.keyPrefix).isEqualTo("/mine/");
        assertThat(daemon.metadata).isEqualTo(Map.of("a", "b"));
    }

    @Test
    void anEmptyVariableOfFleetsBeatsTheFile() throws Exception {
        Files.writeString(conf, "agent_ttl=30s\nmetadata=a=b\n");

        check(Map.of("FLEET_AGENT_TTL", "", "FLEET_METADATA", ""), 0, "--fleet-config=" + conf);

        assertThat(daemon.ttl).isEqualTo(Duration.ofSeconds(5));
        assertThat(daemon.metadata).isEmpty();
    }

    @Test
    void wrongValuesAreNamedWithTheirPlaceInFleetsFile() throws Exception {
        Files.writeString(conf, "verbosity=0\nagent_ttl=30\n");
        assertThat(check(Map.of(), 1, "--fleet-config=" + conf))
                .containsExactly("flota-test: " + conf + ":2: agent_ttl=30 has no unit; write 30s for seconds");

        Files.writeString(conf, "\nagent_ttl=1s\netcd_servers=10.0.0.1\netcd_username=root\n");
        assertThat(check(Map.of(), 1, "--fleet-config=" + conf)).containsExactly(
                "flota-test: " + conf + ":3: etcd_servers: --etcd-endpoints 10.0.0.1 is not http://HOST:PORT or"
                        + " https://HOST:PORT",
                "flota-test: " + conf + ":4: etcd_username: --etcd-user and --etcd-password-file belong together: give both",
                "flota-test: " + conf + ":2: agent_ttl: --ttl 1000ms is too short");

        Files.writeString(conf, "agent_ttl=1m\nfleet\n");
        assertThat(check(Map.of(), 1, "--fleet-config=" + conf))
                .containsExactly("flota-test: " + conf + ":2: this line is neither KEY=VALUE nor a comment");

        assertThat(check(Map.of("FLEET_DISABLE_ENGINE", "yes"), 1, "--fleet-config=/dev/null"))
                .containsExactly("flota-test: FLEET_DISABLE_ENGINE: disable_engine=yes is neither true nor false");
    }

    @Test
    void aFileOfFleetsThatIsAskedForHasToBeThere() {
        assertThat(check(Map.of(), 1, "--fleet-config=" + conf))
                .containsExactly("flota-test: cannot read fleet's settings file " + conf + ": no such file");
        assertThat(check(Map.of(), 1, "--fleet-config", folder.toString()))
                .containsExactly("flota-test: cannot read fleet's settings file " + folder + ": it is a folder");
    }

    @Test
    void certificatesOfFleetsCountWhereFlotaSaysThatEtcdHasSome() throws Exception {
        Files.writeString(conf, "etcd_cafile=/nowhere/ca.pem\n");

        assertThat(check(Map.of(), 0, "--fleet-config=" + conf)).first().asString().endsWith("has no https:// URL");
        assertThat(check(Map.of(), 1, "--fleet-config=" + conf, "--etcd-endpoints=https://10.0.0.1:2379"))
                .containsExactly("flota-test: " + conf + ":1: etcd_cafile: --etcd-ca-file /nowhere/ca.pem cannot be read: no"
                        + " such file");
    }
}
