package io.flota.scheduler;

import static io.flota.scheduler.TestCluster.KEYS;
import static io.flota.scheduler.TestCluster.start;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.flota.api.v1.AboutRequest;
import io.flota.api.v1.ClusterGrpc;
import io.flota.api.v1.LeaderRecord;
import io.flota.api.v1.Unit;
import io.flota.api.v1.UnitIntent;
import io.flota.registry.LeaderProof;
import io.flota.registry.PlacementChange.Place;
import io.flota.registry.Registry;
import io.flota.store.Entry;
import io.flota.store.Lease;
import io.flota.store.Store;
import io.flota.store.StoreException;
import io.flota.testing.TcpRelay;
import io.flota.unit.DesiredState;
import io.flota.unit.Placement;
import io.flota.unit.UnitName;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class LeadershipTest {
    private static final Duration SHORT_TTL = Duration.ofSeconds(2);
    private static final String[] WEB = {"[Service]", "ExecStart=/bin/true"};

    private final TestCluster cluster = new TestCluster();
    private final Store store = cluster.store();

    @AfterEach
    void close() {
        cluster.close();
    }

    private static String leader(Api api) {
        return api.ask(ClusterGrpc.getAboutMethod(), AboutRequest.getDefaultInstance())
                .getLeader()
                .getSchedulerId();
    }

    private Optional<Entry> leaderKey() throws StoreException {
        return Optional.ofNullable(store.read(KEYS.leader()).entries().get(KEYS.leader()));
    }

    private void awaitLeader(Scheduler seenBy, String id) {
        var api = cluster.lean(seenBy);
        await().until(() -> leader(api).equals(id));
    }

    private static boolean allActive(Api api, int units) {
        var listed = api.list().getUnitsList();
        return listed.size() == units && listed.stream().allMatch(LeadershipTest::isActiveOnce);
    }

    private static boolean isActiveOnce(Unit unit) {
        return unit.getMachinesCount() == 1
                && unit.getMachines(0).getState().getActive().equals("active");
    }

    @Test
    void theFirstLeadsAndAllReplicasKnowIt() throws Exception {
        var one = cluster.scheduler("one");
        awaitLeader(one, "one");
        var two = cluster.scheduler("two");

        awaitLeader(two, "one");

        assertThat(LeaderRecord.parseFrom(leaderKey().orElseThrow().value()).getApiAddress())
                .isEqualTo("127.0.0.1:" + one.port());
    }

    @Test
    void everySchedulerTellsWhereItServesForAsLongAsItDoes() throws Exception {
        var one = cluster.scheduler("one");
        awaitLeader(one, "one");
        var two = cluster.scheduler("two", SHORT_TTL, Duration.ZERO);

        await().until(() -> store.read(KEYS.schedulers()).entries().size() == 2);
        var second = store.read(KEYS.schedulers()).entries().get(KEYS.scheduler("two"));
        assertThat(LeaderRecord.parseFrom(second.value()).getFleetAddress())
                .isEqualTo("127.0.0.1:" + two.fleet().orElseThrow().port().orElseThrow());

        store.revoke(new Lease(second.leaseId(), Duration.ofSeconds(60)));
        await().until(() -> store.read(KEYS.scheduler("two")).entries().values().stream()
                .anyMatch(anew -> anew.leaseId() != second.leaseId()));

        two.close();
        assertThat(store.read(KEYS.schedulers()).entries().keySet()).containsExactly(KEYS.scheduler("one"));
        one.close();
    }

    /// The lease lives for a minute, so only a resignation explains a quick handover.
    @Test
    void aLeaderThatStopsHandsOverAtOnce() {
        var one = cluster.scheduler("one");
        awaitLeader(one, "one");
        var two = cluster.scheduler("two");
        awaitLeader(two, "one");

        one.close();

        awaitLeader(two, "two");
        cluster.machine(1);
        var api = cluster.lean(two);
        api.apply(start("web.service", WEB));
        await().until(() -> allActive(api, 1));
    }

    @Test
    void aLeaderWhoseLeaseIsGoneIsFollowedByAnyoneAndTheClusterWorksOn() throws Exception {
        var one = cluster.scheduler("one");
        awaitLeader(one, "one");
        var two = cluster.scheduler("two");
        awaitLeader(two, "one");
        var key = leaderKey().orElseThrow();

        store.revoke(new Lease(key.leaseId(), Duration.ofSeconds(60)));

        await().until(() -> leaderKey().filter(now -> now.createRevision() > key.createRevision()).isPresent());
        cluster.machine(1);
        var api = cluster.lean(one);
        api.apply(start("web.service", WEB));
        await().until(() -> allActive(api, 1));
    }

    @Test
    void aDeposedLeadersWriteIsRefused() throws Exception {
        var one = cluster.scheduler("one");
        awaitLeader(one, "one");
        var deposed = new LeaderProof(leaderKey().orElseThrow().createRevision());
        one.close();
        awaitLeader(cluster.scheduler("two"), "two");
        var placement = new Placement(
                FakeAgent.id(1), new UnitName("web.service"), "hash", DesiredState.LAUNCHED, 1, "late", "late");

        var outcome = new Registry(store, KEYS).commitPlacements(deposed, List.of(new Place(placement)));

        assertThat(outcome.committed()).isFalse();
        assertThat(store.read(KEYS.placements()).entries()).isEmpty();
    }

    /// Two that believe to lead would each place units; the one that is cut off cannot even try.
    @Test
    void aLeaderThatIsCutOffFromEtcdIsFollowedAndFollowsOnceItIsBack() throws Exception {
        try (var relay = new TcpRelay(cluster.etcd().endpoint())) {
            var one = cluster.scheduler("one", SHORT_TTL, Duration.ZERO, relay.endpoint());
            awaitLeader(one, "one");
            var two = cluster.scheduler("two", SHORT_TTL, Duration.ZERO);
            awaitLeader(two, "one");
            cluster.machine(1);

            relay.cut();
            awaitLeader(two, "two");
            var api = cluster.lean(two);
            api.apply(start("web.service", WEB));
            await().until(() -> allActive(api, 1));
            var before = store.read(KEYS.placements()).entries();
            assertThat(isStale(cluster.lean(one))).isTrue();

            relay.mend();
            awaitLeader(one, "two");
            assertThat(isStale(cluster.lean(one))).isFalse();
            assertThat(store.read(KEYS.placements()).entries()).isEqualTo(before);
        }
    }

    /// Planning goes on at the successor where the leader left off, however far it had come.
    @Test
    void aHandoverInTheMidstOfAStartLosesAndDoublesNothing() {
        var one = cluster.scheduler("one");
        awaitLeader(one, "one");
        var two = cluster.scheduler("two");
        awaitLeader(two, "one");
        IntStream.rangeClosed(1, 3).forEach(cluster::machine);
        var api = cluster.lean(two);
        var intents = IntStream.rangeClosed(1, 300)
                .mapToObj(i -> start("web@" + i + ".service", WEB))
                .toArray(UnitIntent[]::new);

        api.apply(intents);
        one.close();

        awaitLeader(two, "two");
        await().until(() -> allActive(api, 300));
        assertThat(api.list().getUnitsList()).allMatch(LeadershipTest::isActiveOnce);
    }

    /// All leases end while etcd stands still: the leader's, and those of machines that are well.
    @Test
    void whenEtcdStoodStillForLongerThanAllLeasesNothingMoves() throws Exception {
        var one = cluster.scheduler("one", SHORT_TTL, Duration.ofSeconds(4));
        awaitLeader(one, "one");
        IntStream.rangeClosed(1, 3).forEach(number -> cluster.machine(number, SHORT_TTL));
        var api = cluster.lean(one);
        var intents = IntStream.rangeClosed(1, 9)
                .mapToObj(i -> start("web@" + i + ".service", WEB))
                .toArray(UnitIntent[]::new);
        api.apply(intents);
        await().until(() -> allActive(api, 9));
        var before = store.read(KEYS.placements()).entries();

        cluster.etcd().pause();
        await().during(SHORT_TTL.plusSeconds(2)).until(() -> isStale(api));
        cluster.etcd().resume();

        await().until(() -> leaderKey().isPresent() && !isStale(api));
        await().during(Duration.ofSeconds(6)).atMost(Duration.ofSeconds(30)).until(() -> allActive(api, 9));
        assertThat(store.read(KEYS.placements()).entries()).isEqualTo(before);
    }

    /// The other machine has room, and nothing but the outage speaks for waiting.
    @Test
    void aMachineThatRegistersAgainSoonAfterAnOutageKeepsItsUnits() throws Exception {
        var one = cluster.scheduler("one", SHORT_TTL, Duration.ofSeconds(6));
        awaitLeader(one, "one");
        cluster.machine(1);
        var slow = cluster.machine(2, SHORT_TTL);
        var api = cluster.lean(one);
        await().until(() -> store.read(KEYS.machines()).entries().size() == 2);
        api.apply(start("web@1.service", WEB), start("web@2.service", WEB));
        await().until(() -> allActive(api, 2));
        var before = store.read(KEYS.placements()).entries();

        cluster.etcd().pause();
        slow.close();
        await().during(SHORT_TTL.plusSeconds(2)).until(() -> isStale(api));
        cluster.etcd().resume();
        await().until(() -> store.read(KEYS.machines()).entries().size() == 1);
        await().until(() -> leaderKey().isPresent() && !isStale(api));
        await().during(Duration.ofSeconds(1)).until(() -> store.read(KEYS.placements()).entries().equals(before));
        cluster.machine(2, SHORT_TTL);

        await().until(() -> allActive(api, 2));
        await().during(Duration.ofSeconds(7)).atMost(Duration.ofSeconds(20)).until(() -> allActive(api, 2));
        assertThat(store.read(KEYS.placements()).entries()).isEqualTo(before);
    }

    private static boolean isStale(Api api) {
        return api.list().getFreshness().getStaleSinceMillis() > 0;
    }

    @Test
    void aMachineThatIsLostAfterAnOutageIsReplacedOnceThingsHaveSettled() {
        var one = cluster.scheduler("one", SHORT_TTL, Duration.ofSeconds(3));
        awaitLeader(one, "one");
        var lost = cluster.machine(1);
        var api = cluster.lean(one);
        api.apply(start("web.service", WEB));
        await().until(() -> allActive(api, 1));
        cluster.machine(2);

        lost.die();

        await().until(() -> allActive(api, 1)
                && api.unit("web.service").getMachines(0).getMachineId().equals(FakeAgent.id(2).value()));
    }
}
