package io.flota.examples.nodes;

import static io.flota.examples.nodes.TestNodes.eventually;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/// What fleet's functional tests assert of machines that cannot reach etcd.
class FleetOutageNodesIT extends OnFlotads {
    /// fleet's: the TTL, the interval of an agent that looks again, and a little.
    private static final Duration OUTAGE = Duration.ofSeconds(5 + 5 + 2);

    /// TestSingleNodeConnectivityLoss. fleet had one machine; here no machine has one that could take its units over.
    @Test
    void withoutEtcdForLongerThanAnyLeaseNothingChangesAndNoUnitIsStoppedAfterwards() throws IOException {
        sleeper("normal@.service");
        sleeper("global@.service", "Global=true");
        lines("submit", "normal@inactive", "global@inactive");
        lines("load", "normal@loaded", "global@loaded");
        lines("start", "normal@launched", "global@launched");
        var before = lists();
        var running = pids();
        var clock = clock(VICTIM);

        rejectEtcd("add");

        await().during(OUTAGE).pollInterval(Duration.ofSeconds(2)).atMost(OUTAGE.multipliedBy(4)).untilAsserted(
                () -> assertThat(pids()).isEqualTo(running));
        assertThat(fleetctl("list-units").err()).contains("cannot reach etcd");
        for (String unit : List.of("global@loaded", "global@launched")) {
            assertThat(TestNodes.on(VICTIM, "systemctl show -P UnitFileState " + unit)).isEqualTo("linked-runtime\n");
        }

        rejectEtcd("delete");

        eventually(() -> assertThat(machines()).hasSize(3));
        eventually(() -> assertThat(fleetctl("list-units").err()).doesNotContain("cannot reach etcd", "valve"));
        eventually(() -> assertThat(lists()).isEqualTo(before));
        lines("start", "normal@inactive");
        assertThat(pids().values()).allSatisfy(units -> assertThat(units).containsKey("global@launched.service"));
        for (String node : TestNodes.names()) {
            assertThat(pids(node)).containsAllEntriesOf(running.get(node));
            assertThat(TestNodes.on(node, "journalctl --no-pager -o cat --since @" + clock
                            + " -u 'normal@*' -u 'global@*'"))
                    .doesNotContainIgnoringCase("stop");
        }
    }

    /// By TCP at the port where etcd is, and nowhere else.
    private static void rejectEtcd(String verb) {
        TestNodes.names().forEach(node -> TestNodes.on(
                node, "ip rule " + verb + " pref 1 to 10.88.0.1 ipproto 6 dport 2379 unreachable"));
    }

    private List<List<String>> lists() {
        return List.of(
                fleetctl("list-units", "--full").lines(),
                fleetctl("list-unit-files", "--full").lines());
    }

    /// TestShutdownVsMonitor
    @Test
    void aStopEndsWellWhileEtcdIsSoughtInSilence() throws IOException {
        sleeper("pinned.service", "MachineMetadata=node=3");
        lines("start", "pinned");
        purgeAtStops(VICTIM);
        var clock = clock(VICTIM);

        TestNodes.run("cut", VICTIM);
        eventually(() -> assertThat(logSince(VICTIM, clock)).contains("etcd cannot be reached"));
        TestNodes.on(VICTIM, "systemctl stop flotad");

        assertThat(service(VICTIM)).isEqualTo("inactive\nsuccess\n");
        assertThat(pids(VICTIM)).isEmpty();
        assertThat(TestNodes.on(VICTIM, "systemctl show -P ActiveState pinned")).isEqualTo("inactive\n");
    }
}
