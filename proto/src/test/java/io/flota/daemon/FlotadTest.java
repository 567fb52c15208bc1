package io.flota.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.collect.ImmutableSortedSet;
import io.flota.store.Store;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// Settings of a process that has several daemons.
class FlotadTest {
    private abstract static class Part implements Daemon {
        @Mixin
        private EtcdOptions etcd = new EtcdOptions();

        @Mixin
        private ListenOptions protection = new ListenOptions();

        @Mixin
        private DaemonOptions process = new DaemonOptions();

        @Option(names = "--listen", defaultValue = "127.0.0.1:1")
        private ListenAddress listen = new ListenAddress("127.0.0.1", 1);

        @Override
        public String version() {
            return "7";
        }

        @Override
        public String settingsFile() {
            return "test-of-flota-" + shortName() + ".toml";
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
            if (!etcd.problems().isEmpty()) {
                throw new SettingsException(etcd.problems());
            }
            return "";
        }

        @Override
        public Working start(Store store) {
            throw new AssertionError("only checked");
        }
    }

    @Command(name = "flota-agent")
    private static final class AgentPart extends Part {
        @Option(names = "--on-stop", defaultValue = "handover")
        private String onStop = "";

        @Option(names = "--hostname")
        private Optional<String> hostname = Optional.empty();

        @Override
        public String shortName() {
            return "agent";
        }
    }

    @Command(name = "flota-scheduler")
    private static final class SchedulerPart extends Part {
        @Option(names = "--lead", negatable = true, defaultValue = "true", fallbackValue = "true")
        private boolean lead = true;

        @Override
        public String shortName() {
            return "scheduler";
        }
    }

    @TempDir
    private Path folder;

    private AgentPart agent = new AgentPart();
    private SchedulerPart scheduler = new SchedulerPart();
    private final StringWriter said = new StringWriter();
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    private int run(Map<String, String> environment, String... words) {
        agent = new AgentPart();
        scheduler = new SchedulerPart();
        return Flotad.run(
                () -> List.of(scheduler, agent), words, environment, new PrintStream(out, true, StandardCharsets.UTF_8),
                new PrintWriter(said, true));
    }

    private void check(Map<String, String> environment, String... words) {
        var all = new ArrayList<>(List.of("--check-config", "--fleet-config=/dev/null"));
        all.addAll(List.of(words));
        assertThat(run(environment, all.toArray(String[]::new))).as(said.toString()).isZero();
        assertThat(said.toString()).isEqualTo("flotad: the settings are fine\n");
    }

    private List<String> refusal(Map<String, String> environment, String... words) {
        said.getBuffer().setLength(0);
        assertThat(run(environment, words)).isEqualTo(DaemonCommand.WRONG_USAGE);
        return said.toString().lines().toList();
    }

    @Test
    void whatIsOfTheProcessGoesToAllAndTheRestToWhomItIsFor() {
        check(
                Map.of("FLOTA_AGENT_HOSTNAME", "here", "FLOTA_TLS_CA_FILE", ""), "--key-prefix", "/x/", "--agent-listen",
                "127.0.0.1:2", "--scheduler-listen=127.0.0.1:3", "--no-lead");

        assertThat(agent.etcd().keyPrefix).isEqualTo("/x/");
        assertThat(scheduler.etcd().keyPrefix).isEqualTo("/x/");
        assertThat(agent.hostname).contains("here");
        assertThat(((Part) agent).listen.port()).isEqualTo(2);
        assertThat(((Part) scheduler).listen.port()).isEqualTo(3);
        assertThat(scheduler.lead).isFalse();
    }

    @Test
    void unitsAreKeptUnlessItIsToldOtherwise() throws Exception {
        check(Map.of());
        assertThat(agent.onStop).isEqualTo("keep");

        said.getBuffer().setLength(0);
        var toml = Files.writeString(folder.resolve("agent.toml"), "on-stop = \"purge\"\n");
        check(Map.of(), "--agent-config=" + toml);
        assertThat(agent.onStop).isEqualTo("purge");

        said.getBuffer().setLength(0);
        check(Map.of("FLOTA_ON_STOP", "handover"), "--agent-config", toml.toString());
        assertThat(agent.onStop).isEqualTo("handover");
    }

    @Test
    void whatCouldBeForAnyOfThemIsRefused() {
        assertThat(refusal(Map.of(), "--listen", "127.0.0.1:2"))
                .containsExactly("flotad: --listen could be for any of the daemons: write --agent-listen or"
                        + " --scheduler-listen");
        assertThat(refusal(Map.of("FLOTA_LISTEN", "127.0.0.1:2")))
                .containsExactly("flotad: FLOTA_LISTEN could be for any of the daemons: write FLOTA_SCHEDULER_LISTEN or"
                        + " FLOTA_AGENT_LISTEN");
    }

    @Test
    void whatNoneOfThemKnowsIsNamed() {
        assertThat(refusal(Map.of(), "--hostnam=x", "start"))
                .containsExactly(
                        "flotad: there is no option --hostnam; did you mean --hostname?", "flotad: there is no option start");
    }

    @Test
    void aProblemThatAllHaveIsToldOnce() {
        assertThat(refusal(Map.of("FLOTA_ETCD_ENDPOINTS", "nowhere"), "--fleet-config=/dev/null"))
                .containsExactly(
                        "flotad: FLOTA_ETCD_ENDPOINTS: --etcd-endpoints nowhere is not http://HOST:PORT or https://HOST:PORT");
    }

    @Test
    void twoEtcdsAreRefused() throws Exception {
        var toml = Files.writeString(folder.resolve("agent.toml"), "etcd-endpoints = [\"http://10.0.0.1:2379\"]\n");

        assertThat(refusal(Map.of(), "--fleet-config=/dev/null", "--agent-config=" + toml))
                .containsExactly("flotad: one process has one etcd, but flota-scheduler and flota-agent are told different"
                        + " things of it: compare the settings that begin with etcd-, and key-prefix, in none and " + toml);
    }

    @Test
    void helpNamesWhatIsToldApart() {
        assertThat(run(Map.of(), "--help")).isZero();
        assertThat(run(Map.of(), "--version")).isZero();

        assertThat(out.toString(StandardCharsets.UTF_8))
                .contains("--scheduler-config --agent-config --scheduler-listen --agent-listen")
                .endsWith("flotad 7\n");
    }
}
