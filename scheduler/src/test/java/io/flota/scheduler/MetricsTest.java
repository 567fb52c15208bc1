package io.flota.scheduler;

import static io.flota.scheduler.TestCluster.start;
import static io.flota.scheduler.TestCluster.submit;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class MetricsTest {
    private static final String[] WEB = {"[Service]", "ExecStart=/bin/true"};

    private final TestCluster cluster = new TestCluster();
    private final HttpClient http = HttpClient.newHttpClient();

    @AfterEach
    void close() {
        http.close();
        cluster.close();
    }

    private HttpResponse<String> ask(Scheduler scheduler, String method, String path) {
        var uri = URI.create("http://127.0.0.1:" + scheduler.metricsPort().orElseThrow() + path);
        try {
            return http.send(
                    HttpRequest.newBuilder(uri).method(method, HttpRequest.BodyPublishers.noBody()).build(),
                    HttpResponse.BodyHandlers.ofString());
        } catch (IOException e) {
            throw new AssertionError(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }

    private List<String> metrics(Scheduler scheduler) {
        return ask(scheduler, "GET", "/metrics").body().lines().toList();
    }

    @Test
    void aSchedulerMeasuresItsClusterAndItself() {
        var one = cluster.scheduler("one");
        await().until(() -> metrics(one).contains("flota_leader 1.0"));
        var two = cluster.scheduler("two");
        var first = cluster.machine(1);
        var api = cluster.lean(one);
        api.apply(start("web.service", WEB), start("bad.service", WEB), submit("idle.service", WEB));
        await().until(() -> metrics(one).contains("flota_unit_states{active=\"failed\"} 1.0"));
        await().until(() -> metrics(two).contains("flota_machines_live 1.0"));

        assertThat(metrics(one))
                .contains("flota_view_current 1.0", "flota_machines_live 1.0", "flota_machines_lost 0.0")
                .contains("flota_units{desired=\"launched\"} 2.0", "flota_units{desired=\"inactive\"} 1.0")
                .contains("flota_unit_states{active=\"active\"} 1.0", "flota_units_waiting 0.0")
                .contains("flota_valve_closed 0.0", "flota_leader_changes_total 1.0")
                .contains("flota_decisions_total{kind=\"place\"} 2.0", "flota_decisions_total{kind=\"move\"} 0.0")
                .contains("flota_store_errors_total{call=\"renew\"} 0.0")
                .anyMatch(line -> line.startsWith("flota_plan_seconds_bucket{le=\"0.005\"}"));
        assertThat(metrics(two)).contains("flota_leader 0.0", "flota_decisions_total{kind=\"place\"} 0.0");

        first.die();

        await().until(() -> metrics(one).contains("flota_machines_lost 1.0"));
        await().until(() -> metrics(one).contains("flota_machines_live 0.0"));
    }

    @Test
    void anOutageIsSeenInTheMetrics() {
        var one = cluster.scheduler("one");
        await().until(() -> metrics(one).contains("flota_view_current 1.0"));

        cluster.etcd().kill();

        await().until(() -> metrics(one).contains("flota_view_current 0.0"));
        assertThat(metrics(one))
                .contains("flota_leader 0.0")
                .anyMatch(line -> line.matches("flota_store_errors_total\\{call=\"read\"} [1-9].*"));
    }

    @Test
    void whatIsNoScrapeIsRefused() {
        var one = cluster.scheduler("one");

        assertThat(ask(one, "GET", "/").statusCode()).isEqualTo(404);
        assertThat(ask(one, "HEAD", "/none").statusCode()).isEqualTo(404);
        assertThat(ask(one, "POST", "/metrics").statusCode()).isEqualTo(405);
        assertThat(ask(one, "GET", "/metrics").headers().firstValue("Content-Type").orElseThrow())
                .startsWith("text/plain");
    }
}
