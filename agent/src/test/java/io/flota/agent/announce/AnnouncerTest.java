package io.flota.agent.announce;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSortedMap;
import io.flota.agent.report.Registered;
import io.flota.agent.steps.Placed;
import io.flota.machine.Machine;
import io.flota.machine.MachineId;
import io.flota.machine.Resources;
import io.flota.registry.Codec;
import io.flota.registry.Fact.EndpointFact;
import io.flota.registry.Keys;
import io.flota.store.EtcdSettings;
import io.flota.store.Entry;
import io.flota.store.EtcdStore;
import io.flota.store.Store;
import io.flota.store.StoreException;
import io.flota.store.Transaction;
import io.flota.store.Transaction.Delete;
import io.flota.testing.EtcdServer;
import io.flota.testing.SimClock;
import io.flota.unit.Announcement;
import io.flota.unit.DesiredState;
import io.flota.unit.Endpoint;
import io.flota.unit.Offer;
import io.flota.unit.Placement;
import io.flota.unit.UnitName;
import io.flota.unit.UnitState;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// Announcers of two machines at a real etcd.
class AnnouncerTest {
    private static final UnitName WEB = new UnitName("web@1.service");
    private static final UnitName OTHER = new UnitName("web@2.service");
    private static EtcdServer etcd;

    private final Keys keys = new Keys("/test/" + UUID.randomUUID() + "/");
    private final Codec codec = new Codec(keys);
    private final Store store = new EtcdStore(EtcdSettings.of(List.of(etcd.endpoint())));
    private final SimClock clock = today();
    /// By how much somebody has set the calendar.
    private Duration calendar = Duration.ZERO;
    private final Agent a = new Agent('a');
    private final Agent b = new Agent('b');

    AnnouncerTest() throws StoreException {}

    private static SimClock today() {
        var clock = new SimClock();
        clock.pass(Duration.ofDays(20_000));
        return clock;
    }

    @BeforeAll
    static void startEtcd() {
        etcd = EtcdServer.start();
        try (var first = new EtcdStore(EtcdSettings.of(List.of(etcd.endpoint())))) {
            await().atMost(Duration.ofSeconds(30)).ignoreExceptions().until(() -> first.read("/").revision() > 0);
        }
    }

    @AfterAll
    static void stopEtcd() {
        etcd.close();
    }

    @AfterEach
    void close() {
        store.close();
    }

    private final class Agent {
        private final Machine machine;
        private final Holds holds = new Holds();
        private final Drains drains = new Drains();
        private final List<Registered> doubted = new ArrayList<>();
        private final TreeMap<UnitName, UnitState> states = new TreeMap<>();
        private final TreeMap<UnitName, Placement> placements = new TreeMap<>();
        private Registered registered;
        private Announcer announcer;
        private int drained;

        private Agent(char id) throws StoreException {
            machine = new Machine(
                    new MachineId(String.valueOf(id).repeat(32)), "host-" + id, "", "10.0.0." + (int) id,
                    ImmutableSortedMap.of(), new Resources(1, 1), "", "", "");
            restart();
        }

        private void restart() throws StoreException {
            register();
            announcer = new Announcer(
                    new Announcer.Surroundings(
                            store, keys, machine, () -> Optional.of(registered), doubted::add, this::placed,
                            AnnouncerTest::offers, () -> drained++, () -> clock.instant().plus(calendar), clock),
                    drains, holds);
        }

        private void register() throws StoreException {
            var lease = store.grant(Duration.ofSeconds(60));
            long written = store.commit(Transaction.of(List.of(), List.of(codec.encode(machine, lease.id())))).revision();
            registered = new Registered(lease, written, written);
        }

        private Optional<Placed> placed() {
            var written = new TreeMap<UnitName, Long>();
            placements.keySet().forEach(unit -> written.put(unit, registered.revision()));
            return Optional.of(new Placed(
                    registered.revision(), ImmutableSortedMap.copyOf(placements), ImmutableSortedMap.copyOf(written)));
        }

        private Agent runs(UnitName unit, long pid) {
            placements.put(unit, new Placement(machine.id(), unit, "f", DesiredState.LAUNCHED, 1, "p", "a test says so"));
            states.put(unit, new UnitState(
                    "loaded", "active", "running", "f", "p", 1, Instant.ofEpochSecond(pid), "", pid, 0));
            return this;
        }

        private Agent dies(UnitName unit) {
            states.put(unit, new UnitState(
                    "loaded", "failed", "failed", "f", "p", 1, Instant.ofEpochSecond(1), "", 0, 0));
            return this;
        }

        private Duration pass() throws StoreException {
            announcer.see(ImmutableSortedMap.copyOf(states));
            return announcer.reconcile();
        }
    }

    private static ImmutableSortedMap<UnitName, Offer> offers() {
        var offers = ImmutableSortedMap.<UnitName, Offer>naturalOrder();
        for (var unit : List.of(WEB, OTHER)) {
            offers.put(unit, new Offer(
                    ImmutableList.of(
                            new Announcement("web", 80, ImmutableSortedMap.of("weight", "10")),
                            new Announcement("admin", 81, ImmutableSortedMap.of())),
                    Duration.ofSeconds(3), Optional.empty()));
        }
        return offers.build();
    }

    private Optional<Endpoint> endpoint(String service, UnitName unit) throws StoreException {
        return Optional.ofNullable(store.read(keys.endpoints()).entries().get(keys.endpoint(service, unit)))
                .flatMap(codec::decode)
                .map(fact -> ((EndpointFact) fact).endpoint());
    }

    private Endpoint web() throws StoreException {
        return endpoint("web", WEB).orElseThrow();
    }

    private long endpoints() throws StoreException {
        return store.read(keys.endpoints()).entries().size();
    }

    @Test
    void aUnitThatIsUpIsAnnouncedUnderTheLeaseOfItsMachineAndGoneWhenItDies() throws Exception {
        a.runs(WEB, 7).runs(OTHER, 8).pass();

        assertThat(endpoints()).isEqualTo(4);
        assertThat(web().address()).isEqualTo("10.0.0.97");
        assertThat(web().port()).isEqualTo(80);
        assertThat(web().attributes()).containsEntry("weight", "10");
        assertThat(store.read(keys.endpoint("web", WEB)).entries().values())
                .allMatch(entry -> entry.leaseId() == a.registered.lease().id());

        a.dies(WEB).pass();

        assertThat(endpoint("web", WEB)).isEmpty();
        assertThat(endpoint("admin", WEB)).isEmpty();
        assertThat(endpoints()).isEqualTo(2);
    }

    @Test
    void nothingIsWrittenWhileNothingChanges() throws Exception {
        a.runs(WEB, 7).pass();
        long revision = store.read(keys.endpoints()).entries().lastEntry().getValue().modRevision();

        a.pass();

        assertThat(store.read(keys.endpoints()).entries().values())
                .allMatch(entry -> entry.modRevision() <= revision);
    }

    @Test
    void anAgentThatGivesWayLeavesWhatStandsUnderTheLeaseThatIsLeft() throws Exception {
        a.runs(WEB, 7).pass();
        hold("db", WEB, 60);
        a.pass();
        var before = store.read(keys.endpoints()).entries();
        a.register();

        a.announcer.carryOver();

        var after = store.read(keys.endpoints()).entries();
        assertThat(after.keySet()).isEqualTo(before.keySet());
        assertThat(after.values()).allMatch(entry -> entry.leaseId() == a.registered.lease().id());
    }

    @Test
    void whatSomebodyElseRemovedOrReplacedIsThereAgainWithinAMinute() throws Exception {
        a.runs(WEB, 7).pass();
        store.commit(Transaction.of(List.of(), List.of(new Delete(keys.endpoint("web", WEB)))));
        a.pass();
        assertThat(endpoint("web", WEB)).as("nothing tells of it").isEmpty();

        clock.pass(Duration.ofMinutes(1));
        a.pass();
        assertThat(web().machine()).isEqualTo(a.machine.id());
    }

    /// A write whose outcome was not known is later than what the agent knows.
    @Test
    void aLaterWriteOfThisMachineIsWithdrawnAsWell() throws Exception {
        a.runs(WEB, 7).pass();
        var known = web();
        var later = new Endpoint(
                "web", WEB, known.machine(), known.address(), known.port(), known.attributes(), known.epoch() + 1,
                known.since(), Optional.empty(), known.unread());
        store.commit(Transaction.of(List.of(), List.of(codec.encode(later, a.registered.lease().id()))));

        a.dies(WEB).pass();

        assertThat(endpoint("web", WEB)).isEmpty();
    }

    @Test
    void everyRunHasAHigherEpoch() throws Exception {
        a.runs(WEB, 7).pass();
        long first = web().epoch();

        a.runs(WEB, 8).pass();

        assertThat(web().epoch()).isGreaterThan(first);
    }

    @Test
    void beforeTheUnitsWereLookedAtNothingIsWithdrawn() throws Exception {
        a.runs(WEB, 7).pass();
        a.restart();

        a.announcer.reconcile();

        assertThat(endpoints()).isEqualTo(2);
        long before = web().epoch();
        a.pass();
        assertThat(web().epoch()).isGreaterThan(before);
        assertThat(store.read(keys.endpoint("web", WEB)).entries().values())
                .allMatch(entry -> entry.leaseId() == a.registered.lease().id());
    }

    @Test
    void whatAnEarlierAgentLeftAndIsDownIsWithdrawn() throws Exception {
        a.runs(WEB, 7).pass();
        a.restart();

        a.dies(WEB).pass();

        assertThat(endpoints()).isZero();
    }

    @Test
    void anEndpointIsGoneWithTheLeaseOfItsMachine() throws Exception {
        a.runs(WEB, 7).pass();

        store.revoke(a.registered.lease());

        assertThat(endpoints()).isZero();
    }

    @Test
    void whoStartedEarlierNeitherWritesOverALaterStartNorDeletesIt() throws Exception {
        a.runs(WEB, 7).pass();
        b.register();
        b.runs(WEB, 9).pass();
        assertThat(web().machine()).isEqualTo(b.machine.id());

        a.runs(OTHER, 8); // its other endpoints are not held up
        assertThat(a.pass()).isEqualTo(Duration.ofMinutes(1)); // as far as it knows all is well
        assertThat(web().machine()).isEqualTo(b.machine.id());

        a.dies(WEB).pass();
        assertThat(web().machine()).isEqualTo(b.machine.id());

        a.runs(WEB, 10); // it comes back, and counts from what it knew
        assertThat(a.pass()).isEqualTo(Duration.ofSeconds(1));
        assertThat(web().machine()).isEqualTo(b.machine.id());
        assertThat(endpoint("web", OTHER).orElseThrow().machine()).isEqualTo(a.machine.id());

        store.revoke(b.registered.lease());
        a.pass();
        assertThat(web().machine()).isEqualTo(a.machine.id());
    }

    @Test
    void whoIsNotRegisteredAsItWasWritesNothing() throws Exception {
        a.runs(WEB, 7).pass();
        var before = a.registered;
        a.register(); // by another agent, say
        a.registered = new Registered(before.lease(), before.revision(), before.written());

        a.runs(OTHER, 8);

        assertThatThrownBy(a::pass).isInstanceOf(StoreException.class).hasMessageContaining("not as they were");
        assertThat(endpoint("web", OTHER)).isEmpty();
        assertThat(a.doubted).containsExactly(before);
    }

    @Test
    void aDrainedUnitIsWithdrawnAndThatIsTold() throws Exception {
        a.runs(WEB, 7).pass();
        var now = Duration.ofNanos(clock.read());
        a.drains.decided(Set.of(WEB), Set.of(), ImmutableSortedMap.copyOf(a.states), offers(), now);

        a.pass();

        assertThat(endpoints()).isZero();
        assertThat(a.drained).isEqualTo(1);
        assertThat(a.drains.next(now)).contains(Duration.ofSeconds(3));
    }

    @Test
    void whatASidecarHoldsIsThereUntilItsTimeIsOverOrItsUnitIsDown() throws Exception {
        a.runs(WEB, 7);
        hold("db", WEB, 30);
        hold("db", new UnitName("elsewhere.service"), 60);
        hold("web", WEB, 60); // which the unit announces itself
        a.pass();
        assertThat(endpoints()).isEqualTo(4);
        assertThat(web().until()).isEmpty();

        clock.pass(Duration.ofSeconds(31));
        a.pass();
        assertThat(endpoint("db", WEB)).isEmpty();

        hold("db", WEB, 30);
        a.pass();
        assertThat(endpoint("db", WEB)).isPresent();
        a.announcer.see(ImmutableSortedMap.copyOf(a.dies(WEB).states)); // in no pass
        a.runs(WEB, 8).pass();
        assertThat(endpoint("db", WEB)).as("held by nobody any more").isEmpty();
        assertThat(endpoint("db", new UnitName("elsewhere.service"))).isPresent();
    }

    @Test
    void theNextAgentHoldsOnWhatASidecarAskedFor() throws Exception {
        a.runs(WEB, 7);
        hold("db", WEB, 60);
        a.pass();
        a.holds.remove(new EndpointName("db", WEB)); // forgotten with the process
        a.restart();

        a.pass();

        var lease = a.registered.lease();
        assertThat(store.read(keys.endpoint("db", WEB)).entries().values())
                .allMatch(entry -> entry.leaseId() == lease.id())
                .hasSize(1);
        clock.pass(Duration.ofSeconds(61));
        a.pass();
        assertThat(endpoint("db", WEB)).isEmpty();
    }

    @Test
    void whoSetsTheCalendarEndsNoHoldAndProlongsNone() throws Exception {
        a.runs(WEB, 7);
        hold("db", WEB, 60);
        a.pass();

        calendar = Duration.ofDays(1);
        assertThat(a.pass()).isEqualTo(Duration.ofMinutes(1));
        assertThat(endpoint("db", WEB).orElseThrow().until()).as("for the next agent")
                .contains(clock.instant().plus(calendar).plusSeconds(60));

        calendar = Duration.ofDays(-1);
        a.pass();
        a.holds.remove(new EndpointName("db", WEB));
        a.restart();
        clock.pass(Duration.ofSeconds(59));
        a.pass();
        assertThat(endpoint("db", WEB)).isPresent();
        clock.pass(Duration.ofSeconds(1));
        a.pass();
        assertThat(endpoint("db", WEB)).isEmpty();
    }

    @Test
    void askingAgainIsWrittenOnlyNowAndThen() throws Exception {
        hold("db", WEB, 60);
        a.pass();
        long first = revision();

        clock.pass(Duration.ofSeconds(10));
        hold("db", WEB, 60);
        a.pass();
        assertThat(revision()).isEqualTo(first);

        clock.pass(Duration.ofSeconds(30));
        hold("db", WEB, 60);
        a.pass();
        assertThat(revision()).isGreaterThan(first);
    }

    @Test
    void whatStandsAsItShouldIsLookedAtAndNotWrittenAnew() throws Exception {
        calendar = Duration.ofNanos(123_456_789); // finer than the store tells it
        a.runs(WEB, 7).pass();
        hold("db", WEB, 600);
        a.pass();
        long before = store.read(keys.endpoints()).entries().values().stream().mapToLong(Entry::modRevision).max().orElseThrow();

        clock.pass(Duration.ofSeconds(61));
        a.pass();

        assertThat(store.read(keys.endpoints()).entries().values()).hasSize(3)
                .allMatch(entry -> entry.modRevision() <= before);
    }

    private long revision() throws StoreException {
        return store.read(keys.endpoint("db", WEB)).entries().values().iterator().next().modRevision();
    }

    private void hold(String service, UnitName unit, int seconds) {
        var name = new EndpointName(service, unit);
        var before = a.holds.get(name);
        var ttl = Duration.ofSeconds(seconds);
        a.holds.put(new Hold(
                name, 90, ImmutableSortedMap.of(), ttl, Duration.ofNanos(clock.read()).plus(ttl),
                before.map(Hold::epoch).orElse(Epochs.first(a.registered.revision() + 1)),
                before.map(Hold::since).orElse(clock.instant())));
    }
}
