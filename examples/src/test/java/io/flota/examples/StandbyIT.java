package io.flota.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// A unit that stands by for one whose machine dies and returns.
class StandbyIT {
    @RegisterExtension
    final LocalCluster cluster = LocalCluster.with("--machines", "3");

    private Api api;

    @BeforeEach
    void connect() {
        api = new Api(cluster.endpoint());
    }

    @AfterEach
    void disconnect() {
        api.close();
    }

    private void unit(String name, String options) {
        Units.text(cluster.folder(), name, """
                [Service]
                ExecStartPre=/bin/sh -c 'echo %%n >> %s/starts-%%n'
                ExecStart=/bin/sleep infinity
                %s
                """.formatted(cluster.folder(), options));
    }

    private void activeNow(String... units) {
        Units.eventually(() -> assertThat(api.active().keySet()).containsExactlyInAnyOrder(units));
    }

    @Test
    void itStartsWhenTheMachineDiesAndStopsOnceTheOtherOneHasBeenBackForTheHold() {
        unit("web@.service", "[X-Fleet]\nMachineMetadata=machine=%i");
        unit("spare@.service", "[X-Flota]\nStandbyFor=web@%i.service\nStandbyHold=2s");
        cluster.unitctl("start", "web@1").ok();
        assertThat(cluster.unitctl("start", "spare@1").ok()).contains("Unit spare@1.service stands by for web@1.service on ");
        assertThat(cluster.unitctl("list-units", "-o", "wide").ok()).contains("stands by for web@1.service");
        activeNow("web@1.service");

        cluster.kill("machine-1");
        activeNow("spare@1.service");
        assertThat(Units.starts(cluster.folder(), "spare@1.service")).isEqualTo(1);
        String told = cluster.unitctl("events", "spare@1").ok();
        assertThat(told).contains("stands in for web@1.service, which is not active");

        cluster.restart("machine-1");
        activeNow("web@1.service", "spare@1.service");
        activeNow("web@1.service");
        assertThat(cluster.unitctl("events", "spare@1").ok()).contains("stands by for web@1.service");
        assertThat(Map.of("web", Units.starts(cluster.folder(), "web@1.service"), "spare",
                        Units.starts(cluster.folder(), "spare@1.service")))
                .isEqualTo(Map.of("web", 2, "spare", 1));
    }

    @Test
    void theNextLeaderGoesOnWithIt() {
        unit("web.service", "");
        unit("spare.service", "[X-Flota]\nStandbyFor=web.service\nStandbyHold=3s");
        cluster.unitctl("start", "web").ok();
        cluster.unitctl("start", "spare").ok();
        cluster.unitctl("stop", "web").ok();
        activeNow("spare.service");

        cluster.unitctl("start", "web").ok();
        String leader = cluster.leader();
        cluster.kill(leader);
        cluster.restart(leader);

        activeNow("web.service");
        assertThat(Units.starts(cluster.folder(), "spare.service")).isEqualTo(1);
    }
}
