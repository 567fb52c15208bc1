package io.flota.examples.nodes;

import static io.flota.examples.nodes.TestNodes.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import io.flota.examples.Unitctl;
import java.io.IOException;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Machines that were a fleetd's each: their daemon is stopped, killed and told anew.
class FlotadNodesIT extends OnFlotads {
    @BeforeEach
    void units() throws IOException {
        sleeper("steady@.service");
        sleeper("pinned@.service", "MachineMetadata=node=%i");
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
        var before = pids();
        var process = TestNodes.on(VICTIM, "systemctl show -P MainPID flotad");
        TestNodes.on(VICTIM, "sed -i 's/^metadata=.*/metadata=node=3,disk=ssd/' /etc/fleet/fleet.conf");

        TestNodes.on(VICTIM, "systemctl reload flotad");

        eventually(() -> assertThat(unitctl("list-machines", "--full").out()).contains("disk=ssd"));
        assertThat(TestNodes.on(VICTIM, "journalctl -u flotad --no-pager"))
                .contains("told to read the settings anew")
                .contains("has read the settings anew changed=[metadata]");
        assertThat(TestNodes.on(VICTIM, "systemctl show -P MainPID flotad")).isEqualTo(process);
        assertThat(service(VICTIM)).isEqualTo("active\nsuccess\n");
        assertThat(pids()).isEqualTo(before);
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
        purgeAtStops(VICTIM);

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
}
