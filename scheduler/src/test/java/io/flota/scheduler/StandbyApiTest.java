package io.flota.scheduler;

import static io.flota.scheduler.TestCluster.start;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.flota.api.v1.ClusterGrpc;
import io.flota.api.v1.DesiredState;
import io.flota.api.v1.ListMachinesRequest;
import io.flota.api.v1.Unit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// What becomes of a unit that stands by for another one, and what operators are told of it, with a real etcd.
class StandbyApiTest {
    private final TestCluster cluster = new TestCluster();
    private FakeAgent first;
    private Api api;

    @BeforeEach
    void serve() {
        first = cluster.machine(1);
        cluster.machine(2);
        api = cluster.grpc(cluster.scheduler("one"));
        await().ignoreExceptions()
                .until(() -> api.ask(ClusterGrpc.getListMachinesMethod(), ListMachinesRequest.getDefaultInstance())
                                .getMachinesCount()
                        == 2);
    }

    @AfterEach
    void close() {
        cluster.close();
    }

    private Unit spare() {
        return api.unit("spare.service");
    }

    private boolean isSpare(DesiredState target, String active) {
        return spare().getMachinesList().stream()
                .anyMatch(on -> on.getPlacement().getTarget() == target && on.getState().getActive().equals(active));
    }

    @Test
    void itIsLoadedElsewhereStartsWhenTheMachineOfTheOtherOneIsLostAndStopsAfterTheHold() {
        api.apply(start("web.service", "[Service]", "ExecStart=/bin/true", "[X-Fleet]", "MachineID=" + first.id()));
        await().until(() -> api.unit("web.service").getMachinesList().stream().anyMatch(on -> on.hasState()));
        api.apply(start(
                "spare.service", "[Service]", "ExecStart=/bin/true", "[X-Flota]", "StandbyFor=web.service",
                "StandbyHold=200ms"));

        await().until(() -> isSpare(DesiredState.DESIRED_STATE_LOADED, "inactive"));
        assertThat(spare().getDesired()).isEqualTo(DesiredState.DESIRED_STATE_LAUNCHED);
        assertThat(spare().getStandsByFor()).isEqualTo("web.service");
        assertThat(spare().getRefusalsList()).isEmpty();

        first.die();
        await().until(() -> isSpare(DesiredState.DESIRED_STATE_LAUNCHED, "active"));
        assertThat(spare().getStandsByFor()).isEmpty();

        cluster.machine(1);
        await().until(() -> isSpare(DesiredState.DESIRED_STATE_LOADED, "inactive"));
    }
}
