package io.flota.scheduler;

import static io.flota.scheduler.TestCluster.KEYS;
import static io.flota.scheduler.TestCluster.start;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.flota.api.v1.AboutReply;
import io.flota.api.v1.AboutRequest;
import io.flota.api.v1.ClusterGrpc;
import io.flota.api.v1.ReleaseValveRequest;
import io.flota.api.v1.UnitIntent;
import io.flota.store.Entry;
import io.flota.store.Store;
import io.flota.store.StoreException;
import io.flota.unit.UnitName;
import io.grpc.Status.Code;
import io.grpc.StatusRuntimeException;
import java.time.Duration;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// Machines whose leases end, on a real etcd.
class LossTest {
    private static final Duration TTL = Duration.ofSeconds(2);
    private static final Duration SETTLE = Duration.ofSeconds(4);
    private static final String[] WEB = {"[Service]", "ExecStart=/bin/true"};
    private static final String[] EXCLUSIVE = {"[Service]", "ExecStart=/bin/true", "[X-Flota]", "Exclusive=true"};

    private final TestCluster cluster = new TestCluster();
    private final Store store = cluster.store();
    private Api api;

    private void lead(Duration settle) {
        api = cluster.grpc(cluster.scheduler("one", Duration.ofSeconds(60), settle));
        await().until(() -> about().getLeader().getSchedulerId().equals("one"));
    }

    @AfterEach
    void close() {
        cluster.close();
    }

    private AboutReply about() {
        return api.ask(ClusterGrpc.getAboutMethod(), AboutRequest.getDefaultInstance());
    }

    private void releaseValve() {
        api.ask(ClusterGrpc.getReleaseValveMethod(), ReleaseValveRequest.getDefaultInstance());
    }

    private boolean allActive(int units) {
        var listed = api.list().getUnitsList();
        return listed.size() == units
                && listed.stream().allMatch(unit -> unit.getMachinesCount() == 1
                        && unit.getMachines(0).getState().getActive().equals("active"));
    }

    private boolean isOn(String unit, int machine) {
        var listed = api.unit(unit);
        return listed.getMachinesCount() == 1
                && listed.getMachines(0).getMachineId().equals(FakeAgent.id(machine).value())
                && listed.getMachines(0).getState().getActive().equals("active");
    }

    /// Three machines, of which the last two are gone once their leases end.
    private void loseTwoOfThree() {
        lead(SETTLE);
        cluster.machine(1, TTL);
        var second = cluster.machine(2, TTL);
        var third = cluster.machine(3, TTL);
        await().until(() -> store.read(KEYS.machines()).entries().size() == 3);
        api.apply(IntStream.rangeClosed(1, 9)
                .mapToObj(i -> start("web@" + i + ".service", WEB))
                .toArray(UnitIntent[]::new));
        await().until(() -> allActive(9));
        second.close();
        third.close();
    }

    @Test
    void whenMostMachinesVanishAtOnceNothingMovesAndAllIsAsBeforeOnceTheyAreBack() throws StoreException {
        loseTwoOfThree();
        var before = store.read(KEYS.placements()).entries();

        await().until(() -> about().hasValve());
        var valve = about().getValve();
        assertThat(valve.getLostMachineIdsList())
                .containsExactly(FakeAgent.id(2).value(), FakeAgent.id(3).value());
        assertThat(valve.getMachines()).isEqualTo(3);
        assertThat(api.list().getFreshness().getHeldReason()).contains("2 of 3 machines are away");

        cluster.machine(2, TTL);
        cluster.machine(3, TTL);
        await().until(() -> !about().hasValve() && allActive(9));
        assertThat(store.read(KEYS.placements()).entries()).isEqualTo(before);
        assertThat(api.list().getFreshness().getHeldReason()).isEmpty();
    }

    @Test
    void whenAnOperatorSaysThatTheyAreLostTheirUnitsMove() {
        loseTwoOfThree();
        await().until(() -> about().hasValve());

        releaseValve();
        releaseValve();

        await().until(() -> allActive(9));
        assertThat(about().getValve().getReleased()).isTrue();
    }

    @Test
    void anOpenValveIsNotReleased() {
        lead(SETTLE);
        assertThatThrownBy(this::releaseValve)
                .isInstanceOfSatisfying(
                        StatusRuntimeException.class,
                        e -> assertThat(e.getStatus().getCode()).isEqualTo(Code.FAILED_PRECONDITION))
                .hasMessageContaining("the valve is open");
    }

    @Test
    void anExclusiveUnitFollowsTheOthersOfALostMachineAfterAWait() throws StoreException {
        lead(Duration.ZERO);
        var lost = cluster.machine(1);
        await().until(() -> store.read(KEYS.machines()).entries().size() == 1);
        api.apply(start("a.service", EXCLUSIVE), start("b.service", WEB));
        await().until(() -> isOn("a.service", 1) && isOn("b.service", 1));
        cluster.machine(2);
        await().until(() -> store.read(KEYS.machines()).entries().size() == 2);

        lost.die();

        await().until(() -> isOn("a.service", 2) && isOn("b.service", 2));
        assertThat(placement("a.service").modRevision()).isGreaterThan(placement("b.service").modRevision());
    }

    private Entry placement(String unit) throws StoreException {
        var key = KEYS.placement(FakeAgent.id(2), new UnitName(unit));
        return store.read(key).entries().get(key);
    }
}
