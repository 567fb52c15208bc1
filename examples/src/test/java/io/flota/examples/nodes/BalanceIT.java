package io.flota.examples.nodes;

import static io.flota.examples.nodes.TestNodes.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import io.flota.examples.Api;
import io.flota.examples.Unitctl;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// The balance example: two web servers in containers, behind nginx.
@RealNodes
class BalanceIT {
    @RegisterExtension
    static final TestNodes NODES = TestNodes.with("--docker", "--ttl", "15s");

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

    @Test
    void limitsChangeWhileBothServeAndWhatItsMachineTakesAlongIsServedElsewhere() {
        UNITCTL.run("start", "web@1", "web@2", "nginx").ok();
        eventually(() -> assertThat(servedFrom()).containsExactlyInAnyOrder(server(1), server(2)));
        var pid = inspect(1, "{{.State.Pid}}");
        assertThat(limits(1)).isEqualTo("67108864 50000");

        UNITCTL.run("set-property", "web@*", "MemoryMax=128M", "CPUQuota=100%").ok();

        eventually(() -> assertThat(Stream.of(1, 2)).allSatisfy(web -> assertThat(limits(web)).isEqualTo("134217728 100000")));
        assertThat(inspect(1, "{{.State.Pid}}")).as("the same container").isEqualTo(pid);

        int lost = hostOf("web@1").equals(hostOf("nginx")) ? 2 : 1;
        var before = server(lost);
        var front = hostOf("nginx");
        var victim = hostOf("web@" + lost);
        api.close();
        api = TestNodes.api(front); // a scheduler that lives on
        TestNodes.run("kill", victim);
        eventually(() -> assertThat(servedFrom()).hasSize(2).doesNotContain(before));
        assertThat(limits(lost)).as("they hold wherever the unit is").isEqualTo("134217728 100000");
    }

    private String hostOf(String unit) {
        return api.hosts().get(api.active().get(unit + ".service").machine());
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
        var page = HttpRequest.newBuilder(URI.create("http://" + TestNodes.address(hostOf("nginx")) + ":8080/")).build();
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
