package io.flota.scheduler;

import static io.flota.scheduler.FleetClient.unit;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.flota.scheduler.FleetClient.Answer;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// fleet's API while etcd is away.
class FleetOutageTest {
    private static final String PATCH = "[{\"op\":\"add\",\"path\":\"/" + FakeAgent.id(1)
            + "/metadata/a\",\"value\":\"b\"}]";

    private final TestCluster cluster = new TestCluster();

    @AfterEach
    void close() {
        cluster.close();
    }

    private static void unavailable(Answer answer) {
        assertThat(answer.status()).as("%s", answer).isEqualTo(503);
        assertThat(answer.message()).startsWith("fleet server unable to communicate with etcd: etcd cannot be reached since");
        assertThat(answer.body().at("/error/code").asInt()).isEqualTo(503);
    }

    @Test
    void aSchedulerThatKnowsNothingYetSaysSoToEveryQuestion() {
        cluster.etcd().kill();
        try (var fleet = new FleetClient(cluster.scheduler("one"))) {
            await().until(() -> fleet.get("/fleet/v1/units").message().contains("cannot be reached since"));

            for (String path : List.of(
                    "/fleet/v1/units", "/fleet/v1/units/web.service", "/fleet/v1/state", "/fleet/v1/state/web.service",
                    "/fleet/v1/machines", "/flota/v1/endpoints", "/flota/v1/endpoints/web")) {
                unavailable(fleet.get(path));
            }
            unavailable(fleet.putUnit("web.service", unit("launched", "Service.ExecStart=/bin/true")));
            unavailable(fleet.delete("/fleet/v1/units/web.service"));
            unavailable(fleet.patch(PATCH));
            for (String path : List.of("/fleet/v1/discovery", "/openapi.json", "/metrics")) {
                assertThat(fleet.get(path).status()).isEqualTo(200);
            }
        }
    }

    @Test
    void whatIsKnownIsToldAndNothingIsChangedUntilEtcdIsBack() {
        try (var fleet = new FleetClient(cluster.scheduler("one", Duration.ofSeconds(5), Duration.ZERO))) {
            await().until(() -> fleet.get("/fleet/v1/units").status() == 200);
            fleet.putUnit("web.service", unit("inactive", "Service.ExecStart=/bin/true"));

            cluster.etcd().kill();
            await().until(() -> fleet.delete("/fleet/v1/units/web.service").status() == 503);

            unavailable(fleet.putUnit("web.service", unit("launched")));
            unavailable(fleet.putUnit("new.service", unit("launched", "Service.ExecStart=/bin/true")));
            unavailable(fleet.patch(PATCH));
            assertThat(fleet.all("/fleet/v1/units", "units")).hasSize(1);
            assertThat(fleet.getUnit("web.service").status()).isEqualTo(200);

            cluster.etcd().restart();
            await().until(() -> fleet.putUnit("web.service", unit("loaded")).status() == 204);
        }
    }
}
