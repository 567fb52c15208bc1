package io.flota.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The web example with real Apache, nginx and etcdctl.
class WebIT {
    private static final String[] UNITS = {
        "apache@1", "apache@2", "apache@3", "apache-announce@1", "apache-announce@2", "apache-announce@3", "nginx",
        "nginx-announce"
    };

    private LocalCluster cluster;
    private Api api;

    private void up(String... options) {
        cluster = LocalCluster.with(
                Stream.concat(
                                Stream.of("--machines", "3", "--environment", "WEB_ADDRESS={network}.254"),
                                Stream.of(options))
                        .toArray(String[]::new));
        cluster.up();
        api = new Api(cluster.endpoint());
        cluster.unitctl().in(Path.of("web").toAbsolutePath()).run(Units.arguments("start", UNITS)).ok();
        Units.eventually(() -> assertThat(upstreams()).hasSize(3));
        Units.eventually(() -> assertThat(servedBy()).containsExactly("apache@1", "apache@2", "apache@3"));
    }

    @AfterEach
    void down() {
        if (api != null) {
            api.close();
        }
        if (cluster != null) {
            cluster.close();
        }
    }

    private String hostOf(String unit) {
        return api.hosts().get(api.active().get(unit).machine());
    }

    private URI page() {
        var anyIp = cluster.ipOf("machine-1");
        return URI.create("http://" + anyIp.substring(0, anyIp.lastIndexOf('.')) + ".254:8080/");
    }

    /// What nginx's upstream block names, of the machine that nginx is on.
    private Set<String> upstreams() throws IOException {
        var machine = api.active().get("nginx.service").machine();
        try (var lines = Files.lines(folderOf(machine).resolve("upstream.conf"))) {
            return lines.filter(line -> line.contains("server ") && !line.contains(" down "))
                    .map(line -> line.strip().split(" ")[1])
                    .collect(Collectors.toCollection(TreeSet::new));
        }
    }

    private Set<String> announced() {
        return Stream.of("1", "2", "3")
                .map(i -> cluster.ipOf(hostOf("apache@" + i + ".service")) + ":808" + i)
                .collect(Collectors.toCollection(TreeSet::new));
    }

    /// Which Apaches the page comes from, in a few dozen requests.
    private Set<String> servedBy() throws IOException {
        var pages = new TreeSet<String>();
        for (int i = 0; i < 30; i++) {
            pages.add(Traffic.get(page()).replaceAll("(?s).*(apache@[0-9]).*", "$1"));
        }
        return pages;
    }

    @Test
    void nginxServesTheAnnouncedApachesAndFollowsThemAsTheyComeAndGo() throws IOException {
        up();
        assertThat(upstreams()).isEqualTo(announced());
        assertThat(servedBy()).containsExactly("apache@1", "apache@2", "apache@3");

        cluster.unitctl("stop", "apache@2").ok();

        Units.eventually(() -> assertThat(upstreams()).hasSize(2).noneMatch(server -> server.endsWith(":8082")));
        Units.eventually(() -> assertThat(servedBy()).containsExactly("apache@1", "apache@3"));

        cluster.unitctl("start", "apache@2").ok();

        Units.eventually(() -> assertThat(upstreams()).isEqualTo(announced()));
        Units.eventually(() -> assertThat(servedBy()).containsExactly("apache@1", "apache@2", "apache@3"));
    }

    @Test
    void anApacheThatCrashesIsStartedAgainAndAnnouncedAgain() {
        up();
        var pid = api.active().get("apache@1.service").pid();

        ProcessHandle.of(pid).orElseThrow().destroyForcibly();

        Units.eventually(() -> {
            assertThat(api.active().get("apache@1.service").pid()).isNotEqualTo(pid);
            assertThat(api.active()).containsKey("apache-announce@1.service");
            assertThat(upstreams()).isEqualTo(announced());
            assertThat(servedBy()).contains("apache@1");
        });
    }

    @Test
    void twoSidecarsThatWriteAtOnceLeaveACompleteTrueFile() throws Exception {
        up();
        Files.copy(Path.of("web/nginx-announce.service"), cluster.folder().resolve("nginx-announce-too.service"));
        cluster.unitctl("start", "nginx-announce-too").ok();

        for (int round = 0; round < 20; round++) {
            etcdctl("put", "/web/apache/extra/x", "127.0.0.1:" + (9000 + round));
            etcdctl("del", "/web/apache/extra/x");
        }

        // For a while, as both still go through the changes.
        await().during(Duration.ofSeconds(2)).atMost(Units.LIMIT).untilAsserted(() -> {
            assertThat(upstreams()).isEqualTo(announced());
            assertThat(unfinished()).isEmpty();
        });
        assertThat(servedBy()).containsExactly("apache@1", "apache@2", "apache@3");
        assertThat(api.active().get("nginx-announce.service").restarts()).isZero();
        assertThat(api.active().get("nginx-announce-too.service").restarts()).isZero();
    }

    /// Files that are written before they take the place of nginx's.
    private List<Path> unfinished() throws IOException {
        try (var files = Files.list(folderOf(api.active().get("nginx.service").machine()))) {
            return files.filter(file -> file.getFileName().toString().matches("upstream\\.[A-Za-z0-9]{6}")).toList();
        }
    }

    private void etcdctl(String... arguments) throws IOException, InterruptedException {
        var command = Stream.concat(Stream.of("etcdctl", "--endpoints", cluster.etcdEndpoint()), Stream.of(arguments));
        var process = new ProcessBuilder(command.toList())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        assertThat(process.waitFor()).isZero();
    }

    @ParameterizedTest(name = "lease of {0}")
    @ValueSource(strings = {"5s", "2s"})
    void aMachineDiesAndThePageKeepsComing(String ttl) {
        up("--ttl", ttl);
        var front = hostOf("nginx.service");
        var victim = Stream.of("machine-1", "machine-2", "machine-3")
                .filter(host -> !host.equals(front))
                .findFirst()
                .orElseThrow();

        var tally = killed(victim);

        assertThat(tally.failed()).as("failed of %d requests", tally.asked()).isLessThan(tally.asked() / 10);
        System.out.printf("machine without nginx killed, lease %s: %s%n", ttl, tally);
        Units.eventually(() -> assertThat(servedBy()).containsExactly("apache@1", "apache@2", "apache@3"));
    }

    @Test
    void theMachineOfNginxDiesAndThePageComesBackElsewhere() {
        up("--ttl", "2s");

        var tally = killed(hostOf("nginx.service"));

        System.out.printf("machine with nginx killed, lease 2s: %s%n", tally);
        assertThat(tally.failed()).isPositive();
        Units.eventually(() -> assertThat(servedBy()).containsExactly("apache@1", "apache@2", "apache@3"));
    }

    /// Kills a machine while visitors come, and waits until all is as it was, elsewhere.
    private Traffic.Tally killed(String machine) {
        var id = api.hosts().entrySet().stream()
                .filter(host -> host.getValue().equals(machine))
                .findFirst()
                .orElseThrow()
                .getKey();
        try (var traffic = new Traffic(page().toString())) {
            Units.eventually(() -> assertThat(traffic.tally().asked()).isGreaterThan(Traffic.PER_SECOND));
            assertThat(traffic.tally().failed()).isZero();

            cluster.kill(machine);

            Units.eventually(() -> {
                assertThat(api.hosts()).doesNotContainKey(id);
                assertThat(api.active().keySet()).containsAll(Units.services(UNITS));
                assertThat(upstreams()).isEqualTo(announced());
                assertThat(Traffic.answers(page())).isTrue();
            });
            return traffic.tally();
        }
    }

    private static Path folderOf(String machine) {
        return Path.of(System.getenv().getOrDefault("XDG_RUNTIME_DIR", "/run"), "flota-" + machine, "nginx");
    }
}
