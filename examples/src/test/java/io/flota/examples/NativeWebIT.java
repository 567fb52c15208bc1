package io.flota.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// The web example the native way: endpoints that agents announce, and an nginx whose configuration they render.
class NativeWebIT {
    private static final String[] UNITS = {"apache@1", "apache@2", "apache@3", "nginx"};

    @RegisterExtension
    final LocalCluster cluster =
            LocalCluster.with("--machines", "3", "--environment", "WEB_ADDRESS={network}.254", "--ttl", "2s");

    private Api api;
    private URI page;

    @BeforeEach
    void start() {
        api = new Api(cluster.endpoint());
        var anyIp = cluster.ipOf("machine-1");
        page = URI.create("http://" + anyIp.substring(0, anyIp.lastIndexOf('.')) + ".254:8080/");
        web().run(Units.arguments("start", UNITS)).ok();
        Units.eventually(() -> assertThat(servedBy()).containsExactly("apache@1", "apache@2", "apache@3"));
    }

    @AfterEach
    void close() {
        api.close();
    }

    private Unitctl web() {
        return cluster.unitctl().in(Path.of("web/native").toAbsolutePath());
    }

    private Set<String> servedBy() throws IOException {
        var pages = new TreeSet<String>();
        for (int i = 0; i < 30; i++) {
            pages.add(Traffic.get(page).replaceAll("(?s).*(apache@[0-9]).*", "$1"));
        }
        return pages;
    }

    @Test
    void aRollingRestartOfAllLosesNoRequest() {
        var before = api.active();
        try (var traffic = new Traffic(page.toString())) {
            web().run("restart", "--rolling", "apache@1", "apache@2", "apache@3").ok();

            var tally = traffic.tally();
            assertThat(tally.asked()).isGreaterThan(Traffic.PER_SECOND);
            assertThat(tally.failed()).as("failed of %d requests", tally.asked()).isZero();
        }
        Stream.of("apache@1.service", "apache@2.service", "apache@3.service").forEach(unit ->
                assertThat(api.active().get(unit).pid()).isNotEqualTo(before.get(unit).pid()));
    }

    @Test
    void oneThatIsStoppedIsWithdrawnBeforeAndOneThatIsScaledUpIsServed() {
        try (var traffic = new Traffic(page.toString())) {
            web().run("stop", "apache@2").ok();
            Units.eventually(() -> assertThat(servedBy()).containsExactly("apache@1", "apache@3"));
            web().run("scale", "apache@", "4").ok();
            web().run("start", "apache@2").ok();
            Units.eventually(() -> assertThat(servedBy()).containsExactly("apache@1", "apache@2", "apache@3", "apache@4"));

            assertThat(traffic.tally().failed()).as("failed of %d requests", traffic.tally().asked()).isZero();
        }
    }

    @Test
    void aMachineDiesAndThePageKeepsComing() throws Exception {
        var front = api.hosts().get(api.active().get("nginx.service").machine());
        var victim = Stream.of("machine-1", "machine-2", "machine-3")
                .filter(host -> !host.equals(front))
                .findFirst()
                .orElseThrow();
        try (var traffic = new Traffic(page.toString())) {
            Units.eventually(() -> assertThat(traffic.tally().asked()).isGreaterThan(Traffic.PER_SECOND));

            cluster.kill(victim);

            Units.eventually(() -> {
                assertThat(api.hosts().values()).doesNotContain(victim);
                assertThat(servedBy()).containsExactly("apache@1", "apache@2", "apache@3");
            });
            var tally = traffic.tally();
            assertThat(tally.failed()).as("failed of %d requests", tally.asked()).isLessThan(tally.asked() / 10);
        }
        cluster.restart(victim);
    }
}
