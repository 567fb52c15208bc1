package io.flota.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// The backup example: two web servers and a standby for each, behind HAProxy. What asks does so by the proxy of the
/// machine that has no web server.
class BackupIT {
    private static final int NOT_AVAILABLE = 503;
    /// Visitors wait for longer than the proxy waits for an answer of a server (3 s) before it asks another one.
    private static final Duration PATIENCE = Duration.ofSeconds(10);
    /// Requests that may fail: answers that a server had begun when it was gone.
    private static final int FEW = 5;

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
        Units.eventually(this::isServedByTheWebServersAlone);
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

    private void isServedByTheWebServersAlone() throws IOException {
        assertThat(servedBy()).containsExactly("web@1", "web@2");
        assertThat(up()).containsExactly("web1", "web2");
        assertThat(api.machinesOf("standby@1.service")).isEmpty();
        assertThat(api.machinesOf("standby@2.service")).isEmpty();
    }

    private void isStoodInFor() throws IOException {
        assertThat(servedBy()).containsExactly("standby@1", "web@2");
        assertThat(up()).containsExactly("standby1", "web2");
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

    private Traffic visitors() {
        var traffic = new Traffic(page, PATIENCE);
        Units.eventually(() -> assertThat(traffic.tally().asked()).isGreaterThan(Traffic.PER_SECOND));
        return traffic;
    }

    private static void failedAtMost(int bound, Traffic traffic) {
        var tally = traffic.end();
        assertThat(tally.failed()).as("failed of %d requests", tally.asked()).isLessThanOrEqualTo(bound);
    }

    @Test
    void aStandbyServesWhileTheMachineOfItsWebServerIsAway() {
        var victim = hostOf("web@1");
        try (var traffic = visitors()) {
            cluster.kill(victim);
            Units.eventually(this::isStoodInFor);

            cluster.restart(victim);
            Units.eventually(() -> assertThat(servedBy()).containsExactly("standby@1", "web@1", "web@2"));
            Units.eventually(this::isServedByTheWebServersAlone);

            failedAtMost(FEW, traffic);
        }
        assertThat(cluster.unitctl("events", "standby@1").ok())
                .contains("stands in for web@1.service, which is not active", "stands by for web@1.service");
    }

    @Test
    void aWebServerThatHangsIsStoodInForUntilItAnswersAgain() throws Exception {
        long apache = api.units().get("web@1.service").getMachinesList().getFirst().getState().getMainPid();
        try (var traffic = visitors()) {
            signal("STOP", apache);
            try {
                Units.eventually(this::isStoodInFor);
            } finally {
                signal("CONT", apache);
            }
            Units.eventually(this::isServedByTheWebServersAlone);

            failedAtMost(FEW, traffic);
        }
        assertThat(cluster.unitctl("events", "standby@1").ok()).contains("stands in for web@1.service");
    }

    /// For a process and all that it has started.
    private static void signal(String signal, long pid) throws IOException, InterruptedException {
        var process = ProcessHandle.of(pid).orElseThrow();
        var pids = Stream.concat(Stream.of(process), process.descendants()).map(one -> Long.toString(one.pid()));
        var kill = new ProcessBuilder(Stream.concat(Stream.of("kill", "-" + signal), pids).toList());
        assertThat(kill.inheritIO().start().waitFor()).isZero();
    }

    @Test
    void aWebServerThatAnOperatorStopsIsStoodInForUntilItIsStartedAgain() {
        try (var traffic = visitors()) {
            backup("stop", "web@1");
            Units.eventually(this::isStoodInFor);

            backup("start", "web@1");
            Units.eventually(this::isServedByTheWebServersAlone);

            failedAtMost(0, traffic);
        }
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
