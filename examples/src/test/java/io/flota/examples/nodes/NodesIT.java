package io.flota.examples.nodes;

import static io.flota.examples.nodes.TestNodes.eventually;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.flota.examples.Api;
import io.flota.examples.Unitctl;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/// Flota from its packages, on machines that can really die.
@Order(OnNodes.ORDER)
class NodesIT extends OnNodes {
    private static final String ONLY_HERE = "[X-Fleet]\nMachineMetadata=node=3\n[Service]\n";

    @Test
    void theWebUnitsServeAPageFromThreeApaches() throws Exception {
        var units = Stream.of("apache@", "apache-announce@")
                .flatMap(template -> IntStream.rangeClosed(1, 3).mapToObj(i -> template + i));

        assertThat(unitctl("list-machines", "--no-legend").lines()).hasSize(3);
        TestNodes.unitctl(Path.of("web").toAbsolutePath())
                .run(Stream.of(Stream.of("start"), units, Stream.of("nginx", "nginx-announce"))
                        .flatMap(words -> words)
                        .toArray(String[]::new))
                .ok();

        eventually(() -> assertThat(servedBy()).containsExactly("apache@1", "apache@2", "apache@3"));
        eventually(() -> assertThat(activeBySystemd()).isEqualTo(activeByCluster()).hasSize(8));
    }

    /// Unit and node, as the cluster says.
    private List<String> activeByCluster() {
        var hosts = api.hosts();
        return api.active().entrySet().stream()
                .map(unit -> unit.getKey() + " on " + hosts.get(unit.getValue().machine()))
                .sorted()
                .toList();
    }

    /// The same, as each node's systemd says.
    private static List<String> activeBySystemd() {
        return TestNodes.names().stream()
                .flatMap(node -> TestNodes.on(
                                node, "systemctl list-units --plain --no-legend --state=active 'apache*' 'nginx*'")
                        .lines()
                        .map(line -> line.split(" ")[0] + " on " + node))
                .sorted()
                .toList();
    }

    @Test
    void theUnitsOfANodeThatIsKilledRunElsewhereAndItComesBackEmptyAndTakesNewOnes() {
        start("steady@", 1, 6);
        assertThat(running(VICTIM)).hasSize(2);

        TestNodes.run("kill", VICTIM);

        eventually(() -> {
            assertThat(api.active()).hasSize(6);
            assertThat(api.hosts()).hasSize(2);
        });
        TestNodes.run("boot", VICTIM);
        eventually(() -> assertThat(api.hosts()).hasSize(3));
        assertThat(running(VICTIM)).isEmpty();
        start("steady@", 7, 9);
        assertThat(running(VICTIM)).hasSize(3);
    }

    @Test
    void theUnitsOfANodeThatIsCutOffRunOnAndOnceItIsBackTheNewOnesStay() {
        start("steady@", 1, 6);
        var before = running(VICTIM);
        var survivors = elsewhere();

        TestNodes.run("cut", VICTIM);

        eventually(() -> {
            assertThat(api.hosts()).hasSize(2);
            assertThat(api.active()).hasSize(6);
        });
        await().during(Duration.ofSeconds(5)).atMost(Duration.ofMinutes(1)).untilAsserted(
                () -> assertThat(running(VICTIM)).isEqualTo(before).hasSize(2));
        var elsewhere = elsewhere();
        assertThat(elsewhere).hasSize(6).containsAllEntriesOf(survivors);
        TestNodes.run("heal", VICTIM);
        var healed = System.nanoTime();
        eventually(() -> assertThat(running(VICTIM)).isEmpty());
        System.out.printf("duplicates gone %.1f s after the network is back%n", (System.nanoTime() - healed) / 1e9);
        eventually(() -> assertThat(api.hosts()).hasSize(3));
        assertThat(elsewhere()).isEqualTo(elsewhere);
        assertThat(api.active()).hasSize(6);
    }

    @Test
    void anUpgradeOfThePackagesLeavesUnitsAlone() {
        start("steady@", 1, 6);
        var before = running(VICTIM);
        var agent = TestNodes.on(VICTIM, "systemctl show -P MainPID flota-agent");

        TestNodes.on(VICTIM, "dpkg -i /root/packages/*.deb");

        assertThat(TestNodes.on(VICTIM, "systemctl show -P MainPID flota-agent")).isNotEqualTo(agent);
        start("steady@", 7, 9);
        assertThat(api.active()).hasSize(9);
        assertThat(running(VICTIM)).containsAllEntriesOf(before).hasSize(3);
    }

    @Test
    void aFreshPackageWaitsForEtcdAndJoinsOnceItIsToldWhereThatIs() {
        start("steady@", 1, 6);
        TestNodes.on(VICTIM, "cp /etc/flota/agent.toml /root");

        TestNodes.on(VICTIM, "dpkg --purge flota-agent");

        eventually(() -> {
            assertThat(api.hosts()).hasSize(2);
            assertThat(api.active()).hasSize(6);
        });
        assertThat(running(VICTIM)).isEmpty();
        try {
            TestNodes.on(VICTIM, "dpkg -i /root/packages/flota-agent.deb");
            assertThat(TestNodes.on(VICTIM, "systemctl is-enabled flota-agent && systemctl is-active flota-agent"))
                    .isEqualTo("enabled\nactive\n");
            assertThat(TestNodes.on(VICTIM, "systemctl show -P NRestarts flota-agent")).isEqualTo("0\n");
        } finally {
            TestNodes.on(VICTIM, "cp /root/agent.toml /etc/flota && systemctl restart flota-agent");
        }
        eventually(() -> assertThat(api.hosts()).hasSize(3));
    }

    /// What ends, restarts, takes long to start, or too long: in the words of the node's systemd.
    @Test
    void statesAndExitCodesAreThoseOfSystemd() throws Exception {
        file("fails.service", ONLY_HERE + "ExecStart=/bin/sh -c 'exit 3'\n");
        file("dies.service", ONLY_HERE + "ExecStart=/bin/sh -c 'kill -SEGV $$$$'\nLimitCORE=0\n");
        file("restarts.service", ONLY_HERE + "ExecStart=/bin/sh -c 'exit 4'\nRestart=always\nRestartSec=1h\n");
        file("prepares.service", ONLY_HERE + "ExecStartPre=/bin/sleep 3600\nExecStart=/bin/true\nTimeoutStartSec=2h\n");
        file("starts.service", ONLY_HERE + "Type=notify\nExecStart=/bin/sleep 3600\nTimeoutStartSec=2h\n");
        file("late.service", ONLY_HERE + "Type=notify\nExecStart=/bin/sleep 3600\nTimeoutStartSec=1s\n");
        file("done.service", ONLY_HERE + "Type=oneshot\nRemainAfterExit=yes\nExecStart=/bin/true\n");

        unitctl("start", "--no-block", "fails", "dies", "restarts", "prepares", "starts", "late", "done").ok();

        eventually(() -> assertThat(statesByCluster()).isEqualTo(statesBySystemd()).isEqualTo(new TreeMap<>(Map.of(
                "fails.service", "failed failed",
                "dies.service", "failed failed",
                "restarts.service", "activating auto-restart",
                "prepares.service", "activating start-pre",
                "starts.service", "activating start",
                "late.service", "failed failed",
                "done.service", "active exited"))));
        assertThat(because("fails")).contains("exit-code " + bySystemd("fails", "ExecMainStatus")).contains("exit-code 3");
        assertThat(because("dies")).contains("killed by SIGSEGV");
        assertThat(bySystemd("dies", "ExecMainCode,ExecMainStatus")).isEqualTo("2\n11");
        assertThat(because("restarts")).contains("exit-code " + bySystemd("restarts", "ExecMainStatus")).contains("exit-code 4");
        assertThat(because("late")).contains(bySystemd("late", "Result") + ":").contains("timeout:");
    }

    private String because(String unit) {
        return unitctl("status", "--lines", "0", unit).out();
    }

    private static String bySystemd(String unit, String properties) {
        return TestNodes.on(VICTIM, "systemctl show --value -p " + properties + " " + unit).strip();
    }

    private Map<String, String> statesByCluster() {
        var states = new TreeMap<String, String>();
        unitctl("list-units", "--no-legend", "--full", "--fields", "unit,active,sub").lines().stream()
                .map(line -> line.split("\\s+"))
                .forEach(columns -> states.put(columns[0], columns[1] + " " + columns[2]));
        return states;
    }

    private Map<String, String> statesBySystemd() {
        var states = new TreeMap<String, String>();
        api.units().keySet().forEach(unit -> states.put(
                unit, bySystemd(unit, "ActiveState") + " " + bySystemd(unit, "SubState")));
        return states;
    }

    private static Map<String, String> elsewhere() {
        var running = new TreeMap<String, String>();
        TestNodes.names().stream().filter(name -> !name.equals(VICTIM)).forEach(name -> running.putAll(running(name)));
        return running;
    }

    /// Which Apaches the page of nginx comes from, in a dozen requests.
    private TreeSet<String> servedBy() throws IOException, InterruptedException {
        var front = api.hosts().get(api.active().get("nginx.service").machine());
        var pages = new TreeSet<String>();
        try (var client = HttpClient.newHttpClient()) {
            var page = HttpRequest.newBuilder(URI.create("http://" + TestNodes.address(front) + ":8080/"))
                    .timeout(Duration.ofSeconds(2))
                    .build();
            for (int i = 0; i < 12; i++) {
                var body = client.send(page, BodyHandlers.ofString()).body();
                pages.add(body.replaceAll("(?s).*<p>(apache@\\d) .*", "$1"));
            }
        }
        return pages;
    }
}
