package io.flota.examples.nodes;

import static io.flota.examples.nodes.TestNodes.eventually;
import static org.assertj.core.api.Assertions.assertThat;

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
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/// Flota from its packages, on machines that can really die.
class NodesIT {
    private static final String WATCHED = "node-1";
    private static final String VICTIM = "node-3";

    @RegisterExtension
    static final TestNodes NODES = TestNodes.with("--ttl", "5s");

    @TempDir
    Path folder;

    private Api api;

    /// A unit whose process notes its pid at each start, in a file that does not outlive its machine.
    @BeforeEach
    void aUnit() throws IOException {
        api = TestNodes.api(WATCHED);
        Files.writeString(folder.resolve("steady@.service"), """
                [Service]
                ExecStart=/bin/sh -c 'echo $$$$ >> /run/starts-%n; exec sleep infinity'
                """);
        eventually(() -> assertThat(api.hosts()).hasSize(3));
    }

    @AfterEach
    void asBefore() {
        try {
            NODES.mend();
            var units = api.units().keySet();
            unitctl(Stream.concat(Stream.of("destroy"), units.stream()).toArray(String[]::new));
        } finally {
            api.close();
        }
    }

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
                .flatMap(node -> NODES.on(
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

        NODES.run("kill", VICTIM);

        eventually(() -> {
            assertThat(api.active()).hasSize(6);
            assertThat(api.hosts()).hasSize(2);
        });
        NODES.run("boot", VICTIM);
        eventually(() -> assertThat(api.hosts()).hasSize(3));
        assertThat(running(VICTIM)).isEmpty();
        start("steady@", 7, 9);
        assertThat(running(VICTIM)).hasSize(3);
    }

    @Test
    void theUnitsOfANodeThatIsCutOffRunOnAndOnceItIsBackTheNewOnesStay() {
        start("steady@", 1, 6);
        var before = running(VICTIM);

        NODES.run("cut", VICTIM);

        eventually(() -> {
            assertThat(api.hosts()).hasSize(2);
            assertThat(api.active()).hasSize(6);
        });
        assertThat(running(VICTIM)).isEqualTo(before).hasSize(2);
        var elsewhere = elsewhere();
        NODES.run("heal", VICTIM);
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
        var agent = NODES.on(VICTIM, "systemctl show -P MainPID flota-agent");

        NODES.on(VICTIM, "dpkg -i /root/packages/*.deb");

        assertThat(NODES.on(VICTIM, "systemctl show -P MainPID flota-agent")).isNotEqualTo(agent);
        start("steady@", 7, 9);
        assertThat(api.active()).hasSize(9);
        assertThat(running(VICTIM)).containsAllEntriesOf(before).hasSize(3);
    }

    @Test
    void aFreshPackageWaitsForEtcdAndJoinsOnceItIsToldWhereThatIs() {
        start("steady@", 1, 6);
        NODES.on(VICTIM, "cp /etc/flota/agent.toml /root");

        NODES.on(VICTIM, "dpkg --purge flota-agent");

        eventually(() -> {
            assertThat(api.hosts()).hasSize(2);
            assertThat(api.active()).hasSize(6);
        });
        assertThat(running(VICTIM)).isEmpty();
        try {
            NODES.on(VICTIM, "dpkg -i /root/packages/flota-agent.deb");
            assertThat(NODES.on(VICTIM, "systemctl is-enabled flota-agent && systemctl is-active flota-agent"))
                    .isEqualTo("enabled\nactive\n");
            assertThat(NODES.on(VICTIM, "systemctl show -P NRestarts flota-agent")).isEqualTo("0\n");
        } finally {
            NODES.on(VICTIM, "cp /root/agent.toml /etc/flota && systemctl restart flota-agent");
        }
        eventually(() -> assertThat(api.hosts()).hasSize(3));
    }

    /// From one number to another, and waits until all are active.
    private void start(String template, int from, int to) {
        unitctl(Stream.concat(Stream.of("start"), IntStream.rangeClosed(from, to).mapToObj(i -> template + i))
                        .toArray(String[]::new))
                .ok();
    }

    private Unitctl.Result unitctl(String... arguments) {
        return TestNodes.unitctl(folder).run(arguments);
    }

    /// The units that run on a node, each with the pids of all its starts: seen from there, whatever the cluster says.
    private static Map<String, String> running(String node) {
        var running = new TreeMap<String, String>();
        NODES.on(node, """
                cd /run
                for file in starts-*; do
                    test -e "$file" || continue
                    kill -0 "$(tail -n 1 "$file")" 2> /dev/null && echo "$file" $(cat "$file")
                done
                true
                """).lines().map(line -> line.split(" ", 2)).forEach(words -> running.put(words[0], words[1]));
        return running;
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
