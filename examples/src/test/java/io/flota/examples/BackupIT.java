package io.flota.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// The backup example: two web servers and a standby for each, behind HAProxy. What asks does so by the proxy of the
/// machine that has no web server.
class BackupIT {
    private static final int NOT_AVAILABLE = 503;

    @RegisterExtension
    final LocalCluster cluster =
            LocalCluster.with("--machines", "3", "--environment", "WEB_ADDRESS={network}.254", "--ttl", "2s");

    private Api api;
    private String front;
    private URI page;

    @BeforeEach
    void start() {
        api = new Api(cluster.endpoint());
        backup("start", "web-proxy", "web@1", "web@2");
        backup("start", "standby@1", "standby@2");
        front = api.hosts().values().stream()
                .filter(host -> !Set.of(hostOf("web@1"), hostOf("web@2")).contains(host))
                .findFirst()
                .orElseThrow();
        page = URI.create("http://" + cluster.ipOf(front) + ":8080/");
        Units.eventually(() -> {
            assertThat(servedBy()).containsExactly("web@1", "web@2");
            assertThat(up()).containsExactly("web1", "web2");
        });
    }

    @AfterEach
    void close() {
        api.close();
    }

    private void backup(String... arguments) {
        cluster.unitctl().in(Path.of("backup").toAbsolutePath()).run(arguments).ok();
    }

    private String hostOf(String unit) {
        return api.hosts().get(api.machinesOf(unit + ".service").findFirst().orElseThrow());
    }

    private Set<String> servedBy() throws IOException {
        var servers = new TreeSet<String>();
        for (int i = 0; i < 12; i++) {
            servers.add(Traffic.get(page).replaceAll("(?s).*<p>([a-z]+@[0-9]).*", "$1"));
        }
        return servers;
    }

    /// The servers that the proxy's statistics tell to be up.
    private Set<String> up() throws IOException {
        return Traffic.get(URI.create("http://" + cluster.ipOf(front) + ":8404/;csv"))
                .lines()
                .map(line -> line.split(",", -1))
                .filter(columns -> columns[0].equals("web") && columns[1].matches("[a-z]+[0-9]") && columns[17].startsWith("UP"))
                .map(columns -> columns[1])
                .collect(Collectors.toCollection(TreeSet::new));
    }

    @Test
    void aStandbyServesWhileTheMachineOfItsWebServerIsAway() {
        var victim = hostOf("web@1");
        try (var traffic = new Traffic(page.toString())) {
            Units.eventually(() -> assertThat(traffic.tally().asked()).isGreaterThan(Traffic.PER_SECOND));

            cluster.kill(victim);
            Units.eventually(() -> {
                assertThat(servedBy()).containsExactly("standby@1", "web@2");
                assertThat(up()).containsExactly("standby1", "web2");
            });

            cluster.restart(victim);
            Units.eventually(() -> assertThat(servedBy()).containsExactly("standby@1", "web@1", "web@2"));
            Units.eventually(() -> {
                assertThat(servedBy()).containsExactly("web@1", "web@2");
                assertThat(api.machinesOf("standby@1.service")).isEmpty();
            });

            var tally = traffic.tally();
            assertThat(tally.failed()).as("failed of %d requests", tally.asked()).isLessThan(tally.asked() / 20);
        }
        assertThat(cluster.unitctl("events", "standby@1").ok())
                .contains("stands in for web@1.service, which is not active", "stands by for web@1.service");
    }

    @Test
    void withoutAnyServerThereIsAPageThatSaysSo() throws Exception {
        backup("stop", "standby@1", "standby@2", "web@1", "web@2");

        var answer = ask();
        assertThat(answer.statusCode()).isEqualTo(NOT_AVAILABLE);
        assertThat(answer.body()).contains("<h1>Back soon</h1>");
        assertThat(answer.headers().firstValue("Retry-After")).hasValue("10");

        backup("start", "standby@2");
        Units.eventually(() -> assertThat(servedBy()).containsExactly("standby@2"));
    }

    private HttpResponse<String> ask() throws IOException, InterruptedException {
        try (var http = HttpClient.newHttpClient()) {
            return http.send(HttpRequest.newBuilder(page).build(), HttpResponse.BodyHandlers.ofString());
        }
    }
}
