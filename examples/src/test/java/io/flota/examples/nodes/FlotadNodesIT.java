package io.flota.examples.nodes;

import static io.flota.examples.nodes.TestNodes.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import io.flota.examples.Api;
import io.flota.examples.Unitctl;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/// Machines that were a fleetd's each: one process of Flota's on each of them, with the settings file that was there.
@RealNodes
class FlotadNodesIT {
    private static final String VICTIM = "node-3";

    @RegisterExtension
    static final TestNodes NODES = TestNodes.with("--ttl", "5s", "--flotad");

    @TempDir
    private Path folder;

    private Api api;

    @BeforeEach
    void aUnit() throws IOException {
        api = TestNodes.api("node-1");
        Files.writeString(folder.resolve("steady@.service"), "[Service]\nExecStart=/bin/sleep infinity\n");
        Files.writeString(folder.resolve("pinned@.service"), """
                [Service]
                ExecStart=/bin/sleep infinity
                [X-Fleet]
                MachineMetadata=node=%i
                """);
        eventually(() -> assertThat(api.hosts()).hasSize(3));
    }

    @AfterEach
    void asBefore() {
        try {
            TestNodes.mend();
            TestNodes.names().forEach(node -> TestNodes.on(node, """
                    sed -i '/^on-stop/d' /etc/flota/agent.toml
                    sed -i 's/^metadata=.*/metadata=node='"${HOSTNAME#node-}"'/' /etc/fleet/fleet.conf
                    systemctl start flotad
                    systemctl reload flotad
                    """.replace("${HOSTNAME#node-}", node.substring("node-".length()))));
            eventually(() -> assertThat(api.hosts()).hasSize(3));
            unitctl(Stream.concat(Stream.of("destroy"), api.units().keySet().stream()).toArray(String[]::new));
        } finally {
            api.close();
        }
    }

    @Test
    void unitsRunAndThoseOfANodeThatIsKilledRunElsewhere() {
        start("steady@", 1, 6);
        assertThat(pids(VICTIM)).hasSize(2);
        assertThat(TestNodes.on("node-1", "pgrep -fc [i]o.flota.daemon.Flotad").strip()).isEqualTo("1");
        assertThat(TestNodes.on("node-1", "systemctl is-active flota-agent flota-scheduler || true"))
                .isEqualTo("inactive\ninactive\n");

        TestNodes.run("kill", VICTIM);

        eventually(() -> {
            assertThat(api.active()).hasSize(6);
            assertThat(api.hosts()).hasSize(2);
        });
    }

    /// fleet's TestReconfigureServer, and what that one does not look at: that the new settings count.
    @Test
    void aReloadPutsSettingsIntoForceAndTouchesNoUnit() {
        start("steady@", 1, 6);
        unitctl("unload", "steady@6").ok();
        var before = TestNodes.names().stream().collect(Collectors.toMap(node -> node, FlotadNodesIT::pids));
        var process = TestNodes.on(VICTIM, "systemctl show -P MainPID flotad");
        TestNodes.on(VICTIM, "sed -i 's/^metadata=.*/metadata=node=3,disk=ssd/' /etc/fleet/fleet.conf");

        TestNodes.on(VICTIM, "systemctl reload flotad");

        eventually(() -> assertThat(unitctl("list-machines", "--full").out()).contains("disk=ssd"));
        assertThat(TestNodes.on(VICTIM, "journalctl -u flotad --no-pager"))
                .contains("told to read the settings anew")
                .contains("has read the settings anew changed=[metadata]");
        assertThat(TestNodes.on(VICTIM, "systemctl show -P MainPID flotad")).isEqualTo(process);
        assertThat(service(VICTIM)).isEqualTo("active\nsuccess\n");
        assertThat(TestNodes.names().stream().collect(Collectors.toMap(node -> node, FlotadNodesIT::pids))).isEqualTo(before);
        assertThat(unitctl("list-units", "--no-legend").ok().lines().filter(line -> line.startsWith("steady"))).hasSize(5);
    }

    /// fleet's TestShutdown, where units are kept.
    @Test
    void aStopEndsWellAndLeavesUnitsRunningForTheNextStart() {
        start("steady@", 1, 6);
        var before = pids(VICTIM);

        TestNodes.on(VICTIM, "systemctl stop flotad");

        assertThat(service(VICTIM)).isEqualTo("inactive\nsuccess\n");
        assertThat(pids(VICTIM)).isEqualTo(before).hasSize(2);
        TestNodes.on(VICTIM, "systemctl start flotad");
        eventually(() -> {
            assertThat(api.hosts()).hasSize(3);
            assertThat(api.active()).hasSize(6);
        });
    }

    /// fleet's TestNodeShutdown.
    @Test
    void aStopThatPurgesStopsTheUnitsAndTheMachineLeavesTheListAtOnce() {
        start("pinned@", 3, 3);
        assertThat(pids(VICTIM)).hasSize(1);
        TestNodes.on(VICTIM, "sed -i '1i on-stop = \"purge\"' /etc/flota/agent.toml && systemctl reload flotad");
        eventually(() -> assertThat(TestNodes.on(VICTIM, "journalctl -u flotad --no-pager")).contains("changed=[on-stop]"));

        TestNodes.on(VICTIM, "systemctl stop flotad");

        assertThat(service(VICTIM)).isEqualTo("inactive\nsuccess\n");
        assertThat(unitctl("list-machines", "--no-legend").ok().lines()).hasSize(2);
        assertThat(pids(VICTIM)).isEmpty();
        assertThat(TestNodes.on(VICTIM, "systemctl is-active pinned@3.service || true")).isEqualTo("inactive\n");
        assertThat(api.active()).isEmpty();
    }

    @Test
    void whatAFleetdWasToldIsShownByACheckAndNamedOnceInTheLog() {
        var check = TestNodes.on(VICTIM, "/usr/lib/flota/bin/flotad --check-config 2>&1");

        assertThat(check)
                .contains("etcd_servers becomes --etcd-endpoints http://10.88.0.1:2379: without those at 4001")
                .contains("agent_ttl becomes --ttl 5s")
                .contains("engine_reconcile_interval has no meaning")
                .endsWith("flotad: the settings are fine\n");
        assertThat(TestNodes.on(VICTIM, "journalctl -u flotad --no-pager | grep 'no meaning any more' | tail -n 1"))
                .contains("engine_reconcile_interval (the leader acts at once");
    }

    private void start(String template, int from, int to) {
        unitctl(Stream.concat(Stream.of("start"), IntStream.rangeClosed(from, to).mapToObj(i -> template + i))
                        .toArray(String[]::new))
                .ok();
    }

    private Unitctl.Result unitctl(String... arguments) {
        return TestNodes.unitctl(folder).run(arguments);
    }

    /// How it is, and how it ended.
    private static String service(String node) {
        return TestNodes.on(node, "systemctl show -P ActiveState flotad; systemctl show -P Result flotad");
    }

    /// The units that run on a node, by its own systemd, with their pids.
    private static Map<String, String> pids(String node) {
        var pids = new TreeMap<String, String>();
        TestNodes.on(node, """
                for unit in $(systemctl list-units --plain --no-legend --state=active 'steady@*' 'pinned@*' | cut -d ' ' -f 1); do
                    echo "$unit" "$(systemctl show -P MainPID "$unit")"
                done
                """).lines().map(line -> line.split(" ")).forEach(words -> pids.put(words[0], words[1]));
        return pids;
    }
}
