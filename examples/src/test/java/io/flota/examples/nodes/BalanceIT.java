package io.flota.examples.nodes;

import static io.flota.examples.nodes.TestNodes.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import io.flota.examples.Api;
import io.flota.examples.Traffic;
import io.flota.examples.Unitctl;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// The balance example: two web servers in containers, behind nginx.
@RealNodes
class BalanceIT {
    @RegisterExtension
    static final TestNodes NODES = TestNodes.with("--docker", "--ttl", "15s");

    private static final String FRONT = "balance-front";
    /// Visitors wait for longer than nginx waits for an answer of a server (3 s) before it asks another one.
    private static final Duration PATIENCE = Duration.ofSeconds(10);
    /// Requests that may fail when a server is killed: answers that it had begun.
    private static final int FEW = 5;

    private static final Unitctl UNITCTL = TestNodes.unitctl(Path.of("balance").toAbsolutePath());

    private Api api;

    @BeforeEach
    void connect() {
        api = TestNodes.api("node-1");
        eventually(() -> assertThat(api.hosts()).hasSize(3));
    }

    @AfterEach
    void asBefore() {
        try {
            TestNodes.mend();
            UNITCTL.run(Stream.concat(Stream.of("destroy"), api.units().keySet().stream()).toArray(String[]::new));
        } finally {
            api.close();
        }
    }

    @AfterAll
    static void removeImages() {
        DockerNodesIT.removeImages();
    }

    private void start() {
        UNITCTL.run("start", "web@1", "web@2", FRONT).ok();
        eventually(() -> assertThat(servedFrom()).containsExactlyInAnyOrder(server(1), server(2)));
    }

    /// For the page by nginx, once some have come.
    private Traffic visitors() {
        var traffic = new Traffic(page(), PATIENCE);
        more(traffic);
        return traffic;
    }

    /// Until there were as many visitors again as come in two seconds.
    private static void more(Traffic traffic) {
        long before = traffic.tally().asked();
        eventually(() -> assertThat(traffic.tally().asked()).isGreaterThan(before + 2 * Traffic.PER_SECOND));
    }

    @Test
    void limitsChangeWhileBothServeAndNoRequestFails() {
        start();
        var pid = inspect(1, "{{.State.Pid}}");
        assertThat(limits(1)).isEqualTo("67108864 50000");
        try (var traffic = visitors()) {
            UNITCTL.run("set-property", "web@*", "MemoryMax=128M", "CPUQuota=100%").ok();

            eventually(() -> assertThat(Stream.of(1, 2)).allSatisfy(web -> assertThat(limits(web)).isEqualTo("134217728 100000")));
            more(traffic);
            var tally = traffic.end();
            assertThat(tally.failed()).as("failed of %d requests", tally.asked()).isZero();
        }
        assertThat(inspect(1, "{{.State.Pid}}")).as("the same container").isEqualTo(pid);
    }

    @Test
    void whatItsMachineTakesAlongIsServedByTheOtherOneAndThenElsewhereWithTheSameLimits() throws Exception {
        start();
        UNITCTL.run("set-property", "web@*", "MemoryMax=128M", "CPUQuota=100%").ok();
        var front = hostOf(FRONT);
        int lost = hostOf("web@1").equals(front) ? 2 : 1;
        var before = server(lost);
        var victim = hostOf("web@" + lost);
        api.close();
        api = TestNodes.api(front); // a scheduler that lives on
        try (var traffic = visitors()) {
            TestNodes.run("kill", victim);
            eventually(() -> assertThat(servedFrom()).hasSize(2).doesNotContain(before));

            var tally = traffic.end();
            assertThat(tally.failed()).as("failed of %d requests", tally.asked()).isLessThanOrEqualTo(FEW);
        }
        assertThat(limits(lost)).as("they hold wherever the unit is").isEqualTo("134217728 100000");
    }

    /// What fills its memory is not freed by the end of one process, so that the kernel kills all.
    @Test
    void aContainerThatExceedsItsMemoryIsStartedAnewAndTheOtherOneServesMeanwhile() throws Exception {
        start();
        var pid = inspect(1, "{{.State.Pid}}");
        try (var traffic = visitors()) {
            TestNodes.on(
                    hostOf("web@1"),
                    "docker exec flota-web_1 sh -c 'head -c 63m /dev/zero > /dev/shm/fill' || true");

            eventually(() -> assertThat(inspect(1, "{{.State.Pid}}")).isNotEqualTo(pid).isNotEqualTo("0"));
            eventually(() -> assertThat(servedFrom()).containsExactlyInAnyOrder(server(1), server(2)));
            var tally = traffic.end();
            assertThat(tally.failed()).as("failed of %d requests", tally.asked()).isLessThanOrEqualTo(FEW);
        }
        assertThat(UNITCTL.run("events", "web@1").ok()).contains("killed by the kernel: out of memory");
    }

    private String hostOf(String unit) {
        return api.hosts().get(api.active().get(unit + ".service").machine());
    }

    private URI page() {
        return URI.create("http://" + TestNodes.address(hostOf(FRONT)) + ":8080/");
    }

    private String server(int web) {
        return TestNodes.address(hostOf("web@" + web)) + ":808" + web;
    }

    private String limits(int web) {
        return inspect(web, "{{.HostConfig.Memory}} {{.HostConfig.CpuQuota}}");
    }

    private String inspect(int web, String format) {
        return TestNodes.on(hostOf("web@" + web), "docker inspect --format '" + format + "' flota-web_" + web).strip();
    }

    /// The servers that nginx led one of several requests to; one that failed fails the test.
    private Set<String> servedFrom() throws Exception {
        var servers = new TreeSet<String>();
        var page = HttpRequest.newBuilder(page()).build();
        try (var client = HttpClient.newHttpClient()) {
            for (int i = 0; i < 10; i++) {
                var answer = client.send(page, HttpResponse.BodyHandlers.ofString());
                assertThat(answer.statusCode()).isEqualTo(200);
                // Of a request that the first one did not answer, the last.
                servers.add(answer.headers().firstValue("X-Upstream").orElse("").replaceAll(".*, ", ""));
            }
        }
        return servers;
    }
}
