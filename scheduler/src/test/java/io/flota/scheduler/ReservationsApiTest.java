package io.flota.scheduler;

import static io.flota.scheduler.TestCluster.start;
import static io.flota.scheduler.TestCluster.submit;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.flota.api.v1.Allocation;
import io.flota.api.v1.ClusterGrpc;
import io.flota.api.v1.ListMachinesReply;
import io.flota.api.v1.ListMachinesRequest;
import io.flota.api.v1.Refusal;
import io.flota.api.v1.Reservation;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// What operators are told of reservations. Each machine of the cluster has 2 cores and 1G.
class ReservationsApiTest {
    private final TestCluster cluster = new TestCluster();
    private Api api;

    @BeforeEach
    void serve() {
        cluster.machine(1);
        cluster.machine(2);
        api = cluster.grpc(cluster.scheduler("one"));
        await().ignoreExceptions().until(() -> machines().getMachinesCount() == 2);
    }

    @AfterEach
    void close() {
        cluster.close();
    }

    private ListMachinesReply machines() {
        return api.ask(ClusterGrpc.getListMachinesMethod(), ListMachinesRequest.getDefaultInstance());
    }

    private static String[] file(String... options) {
        var lines = new String[3 + options.length];
        lines[0] = "[Service]";
        lines[1] = "ExecStart=/bin/true";
        lines[2] = "[X-Flota]";
        System.arraycopy(options, 0, lines, 3, options.length);
        return lines;
    }

    @Test
    void machinesSayWhatIsAllocatedAndUnitsWhatTheyReserveOrByHowMuchTheyDoNotFit() {
        api.apply(start("db.service", file("CPU=0.5", "Memory=768M")));
        await().until(() -> api.unit("db.service").getMachinesCount() == 1);
        api.apply(start("web.service", file("Memory=768M")), start("late.service", file("Memory=512M")));
        await().until(() -> api.unit("late.service").getMachinesCount() == 1
                && api.unit("web.service").getRefusalsCount() == 2);

        assertThat(api.unit("db.service").getReservation())
                .isEqualTo(Reservation.newBuilder().setCpuMillis(500).setMemoryBytes(768L << 20).build());
        assertThat(api.unit("web.service").getRefusalsList())
                .extracting(Refusal::getReason)
                .containsExactly(
                        "needs 768M of memory (free: 256M of 1G)", "needs 768M of memory (free: 512M of 1G)");
        assertThat(machines().getAllocationsList())
                .extracting(Allocation::getReserved)
                .containsExactly(
                        Reservation.newBuilder().setCpuMillis(500).setMemoryBytes(768L << 20).build(),
                        Reservation.newBuilder().setMemoryBytes(512L << 20).build());
    }

    @Test
    void aUnitThatReservesNothingSaysNothing() {
        api.apply(submit("web.service", file("CPU=0")));

        assertThat(api.unit("web.service").hasReservation()).isFalse();
    }

    @Test
    void whatIsNoReservationIsRefusedWithItsLine() {
        assertThatThrownBy(() -> api.apply(submit("web.service", file("CPU=50%", "Memory=lots"))))
                .hasMessageContaining("web.service:4: CPU=\"50%\" is not a number of cores.")
                .hasMessageContaining("web.service:5: Memory=\"lots\" is not a size.");
    }
}
