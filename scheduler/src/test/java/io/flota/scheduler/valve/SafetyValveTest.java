package io.flota.scheduler.valve;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.base.Ticker;
import com.google.common.collect.ImmutableSortedMap;
import com.google.common.collect.ImmutableSortedSet;
import com.google.protobuf.ByteString;
import io.flota.loop.World;
import io.flota.machine.Machine;
import io.flota.machine.MachineId;
import io.flota.machine.Policy;
import io.flota.machine.Resources;
import io.flota.registry.Codec;
import io.flota.registry.Fact.Leader;
import io.flota.registry.Keys;
import io.flota.registry.LeaderProof;
import io.flota.registry.Registry;
import io.flota.registry.UnitChange;
import io.flota.registry.Valve;
import io.flota.scheduler.cluster.ChangeReader;
import io.flota.scheduler.cluster.Cluster;
import io.flota.scheduler.valve.SafetyValve.Answer;
import io.flota.scheduler.valve.SafetyValve.Change;
import io.flota.store.Lease;
import io.flota.store.LeaseLife;
import io.flota.store.StoreException;
import io.flota.store.Transaction;
import io.flota.store.Transaction.Write;
import io.flota.testing.ForwardingStore;
import io.flota.testing.SimStore;
import io.flota.unit.DesiredState;
import io.flota.unit.Placement;
import io.flota.unit.Unit;
import io.flota.unit.UnitName;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Machines with leases of 6 s on a simulated store.
class SafetyValveTest {
    private static final Keys KEYS = Keys.DEFAULT;
    private static final Duration TTL = Duration.ofSeconds(6);
    private static final Duration SETTLE = Duration.ofSeconds(6);

    private static final Policy DRAINING = new Policy(true, true, ImmutableSortedMap.of(), ImmutableSortedSet.of());

    private final SimStore store = new SimStore();
    private final Codec codec = new Codec(KEYS);
    private int timesAskedForLeases;
    private final Registry registry = new Registry(new ForwardingStore(store) {
        @Override
        public ImmutableSortedMap<Long, LeaseLife> lives(Collection<Long> leaseIds) throws StoreException {
            timesAskedForLeases++;
            return super.lives(leaseIds);
        }
    }, KEYS);
    private final TreeMap<String, Lease> leases = new TreeMap<>();
    private final List<String> events = new ArrayList<>();
    private Duration now = Duration.ZERO;
    /// What passes between two looks at the clock.
    private Duration eachLook = Duration.ZERO;
    private LeaderProof proof = new LeaderProof(0);
    private SafetyValve valve = valve();

    @BeforeEach
    void leadFiveMachines() throws StoreException {
        var lease = store.grant(Duration.ofHours(1));
        proof = registry.lead(new Leader("s1", "127.0.0.1:1"), lease).orElseThrow();
        for (var letter : List.of("a", "b", "c", "d", "e")) {
            join(letter);
        }
        assertThat(ask()).isEqualTo(Answer.MOVE);
    }

    private SafetyValve valve() {
        return new SafetyValve(registry, Share.HALF, SETTLE, new World() {
            @Override
            public Ticker ticker() {
                return new Ticker() {
                    @Override
                    public long read() {
                        now = now.plus(eachLook);
                        return now.toNanos();
                    }
                };
            }
        });
    }

    private boolean write(Change change) throws StoreException {
        boolean written = registry.commitValve(proof, change.change(), Optional.empty()).committed();
        change.kind().filter(_ -> written).ifPresent(kind -> events.add(kind + ": " + change.reason()));
        return written;
    }

    private static MachineId id(String letter) {
        return new MachineId(letter.repeat(32));
    }

    private void join(String letter) throws StoreException {
        join(letter, TTL);
    }

    private void join(String letter, Duration ttl) throws StoreException {
        var machine = new Machine(
                id(letter), "host", "", "", ImmutableSortedMap.of(), new Resources(0, 0), "", "boot", "test");
        leases.put(letter, store.grant(ttl));
        write(codec.encode(machine.registeredFor(ttl), leases.get(letter).id()));
    }

    private void write(Write write) throws StoreException {
        assertThat(store.commit(Transaction.of(List.of(), List.of(write))).committed()).isTrue();
    }

    /// Seconds pass in which only these machines renew their leases.
    private void pass(Duration time, String alive) throws StoreException {
        for (long i = 0; i < time.toSeconds(); i++) {
            for (var letter : alive.split("")) {
                if (!letter.isEmpty()) {
                    store.keepAlive(leases.get(letter));
                }
            }
            now = now.plusSeconds(1);
            store.pass(Duration.ofSeconds(1));
        }
    }

    private Cluster see() throws StoreException {
        var snapshot = store.read(KEYS.prefix());
        return Cluster.EMPTY.with(snapshot.revision(), new ChangeReader(KEYS, codec).read(snapshot));
    }

    /// As often as the cluster has to be looked at anew.
    private Answer ask() throws StoreException {
        while (true) {
            var cluster = see();
            valve.look(cluster);
            var answer = valve.ask(cluster, this::write);
            if (!answer.equals(Answer.LOOK_ANEW)) {
                return answer;
            }
        }
    }

    private Optional<Valve> closed() throws StoreException {
        return see().valve().map(fact -> fact.valve());
    }

    @Test
    void oneMachineThatDiesIsMovedFromWithoutDelay() throws StoreException {
        pass(TTL, "abcd");

        assertThat(ask()).isEqualTo(Answer.MOVE);
        assertThat(closed()).isEmpty();
    }

    @Test
    void whoHasAskedForTheOthersLooksAnewAndAsksNoMore() throws StoreException {
        pass(TTL, "abcd");
        var cluster = see();
        valve.look(cluster);

        assertThat(valve.ask(cluster, this::write)).isEqualTo(Answer.LOOK_ANEW);
        assertThat(valve.ask(cluster, this::write)).isEqualTo(Answer.MOVE);

        assertThat(timesAskedForLeases).as("for four of them at once").isEqualTo(1);
    }

    @Test
    void whoIsLateIsAskedForAgainAfterAWhileOnly() throws StoreException {
        pass(Duration.ofSeconds(2), "cde");
        pass(Duration.ofSeconds(4), "de");
        assertThat(ask()).isEqualTo(Answer.until(SafetyValve.AGAIN));
        assertThat(ask()).isEqualTo(Answer.until(SafetyValve.AGAIN));

        assertThat(timesAskedForLeases).isEqualTo(1);
    }

    @Test
    void aMachineThatDiesIsMovedFromThoughTimeNeverStandsStill() throws StoreException {
        eachLook = Duration.ofNanos(1);
        pass(TTL, "abcd");

        assertThat(ask()).isEqualTo(Answer.MOVE);
    }

    /// The leases of machines that are cut off together end within a third of their life of each other.
    @Test
    void theFirstOfAPartitionIsNotMovedFromBeforeTheOthersFollow() throws StoreException {
        pass(Duration.ofSeconds(2), "cde"); // a and b have not renewed for 2 s, as may be
        pass(Duration.ofSeconds(4), "de"); // and c was cut off with them
        var first = ask();
        assertThat(see().machines()).hasSize(3);
        assertThat(first.holds()).as("c is late").isTrue();
        assertThat(first.again()).isPresent();
        assertThat(closed()).as("c may yet renew").isEmpty();

        pass(Duration.ofSeconds(1), "de");
        var second = ask();

        assertThat(second.holds()).isTrue();
        assertThat(closed()).hasValueSatisfying(record -> {
            assertThat(record.lost()).containsExactly(id("a"), id("b"), id("c"));
            assertThat(record.machines()).isEqualTo(5);
        });
    }

    @Test
    void whoseLeaseIsShortIsNotMovedFromBeforeThoseWithLongOnesFollow() throws StoreException {
        for (var letter : List.of("b", "c")) {
            join(letter, TTL.multipliedBy(3));
        }
        assertThat(ask()).isEqualTo(Answer.MOVE);

        pass(TTL, "de");
        assertThat(see().machines()).hasSize(4);
        for (int i = 0; i < 2 * TTL.toSeconds(); i++) {
            assertThat(ask().holds()).as("b and c may be cut off, too").isTrue();
            assertThat(closed()).isEmpty();
            pass(Duration.ofSeconds(1), "de");
        }

        assertThat(ask().holds()).isTrue();
        assertThat(closed().orElseThrow().lost()).containsExactly(id("a"), id("b"), id("c"));
    }

    @Test
    void whoseLeaseIsLongIsWaitedForUntilItRenewsIt() throws StoreException {
        for (var letter : List.of("b", "c")) {
            join(letter, TTL.multipliedBy(3));
        }
        assertThat(ask()).isEqualTo(Answer.MOVE);
        pass(TTL, "de");
        assertThat(ask().holds()).isTrue();

        pass(Duration.ofSeconds(1), "cde");

        assertThat(ask()).isEqualTo(Answer.MOVE);
    }

    @Test
    void whoWasLateAndRenewsIsLateNoLonger() throws StoreException {
        pass(Duration.ofSeconds(2), "cde");
        pass(Duration.ofSeconds(4), "de");
        assertThat(ask().holds()).isTrue();

        store.keepAlive(leases.get("c"));
        now = now.plus(SafetyValve.AGAIN);

        assertThat(ask()).isEqualTo(Answer.MOVE);
    }

    @Test
    void onceEnoughAreBackItOpensWhenNoMoreFollow() throws StoreException {
        loseThree();
        join("c");
        assertThat(ask()).as("others may follow").isEqualTo(Answer.until(SETTLE));

        pass(SETTLE.minusSeconds(1), "cde");
        assertThat(ask()).isEqualTo(Answer.until(Duration.ofSeconds(1)));
        assertThat(closed()).isPresent();
        pass(Duration.ofSeconds(1), "cde");
        ask();

        assertThat(closed()).isEmpty();
        assertThat(ask()).isEqualTo(Answer.MOVE);
        assertThat(events)
                .containsExactly(
                        "VALVE_CLOSED: 3 of 5 machines are away at once: aaaaaaaa, bbbbbbbb, cccccccc",
                        "VALVE_OPENED: enough machines are back, and no more followed for PT6S");
    }

    @Test
    void onceAllAreBackItOpensAtOnce() throws StoreException {
        loseThree();
        join("a");
        join("b");
        join("c");

        ask();

        assertThat(closed()).isEmpty();
    }

    @Test
    void whileItIsClosedItSaysWhoIsAwayNow() throws StoreException {
        loseThree();
        pass(TTL, "e");

        ask();

        assertThat(closed().orElseThrow().lost()).containsExactly(id("a"), id("b"), id("c"), id("d"));
    }

    @Test
    void anotherLeaderFindsItClosed() throws StoreException {
        loseThree();

        valve = valve();

        assertThat(ask()).isEqualTo(Answer.HOLD);
        assertThat(closed()).isPresent();
    }

    @Test
    void onceItIsReleasedTheLostAreLost() throws StoreException {
        loseThree();
        registry.releaseValve(see().valve().orElseThrow());

        assertThat(ask()).isEqualTo(Answer.MOVE);
        assertThat(see().isValveClosed()).isFalse();

        pass(Vanished.TOGETHER, "de");
        ask();
        assertThat(closed()).as("nobody misses them any more").isEmpty();
    }

    /// One of them is dead for good, and the unit that is placed there fits nowhere else.
    @Test
    void whoIsBackAfterTheReleaseCountsWhenItVanishesAgain() throws StoreException {
        place("a", "MachineMetadata=disk=ssd");
        loseThree();
        registry.releaseValve(see().valve().orElseThrow());
        join("b");
        join("c");
        ask();
        assertThat(closed().orElseThrow().lost()).as("the others are not missed").containsExactly(id("a"));
        pass(Vanished.TOGETHER, "bcde");
        assertThat(ask()).isEqualTo(Answer.MOVE);

        pass(TTL, "e");

        assertThat(ask().holds()).isTrue();
        assertThat(closed().orElseThrow().released()).isFalse();
        assertThat(closed().orElseThrow().lost()).containsExactly(id("b"), id("c"), id("d"));
    }

    @Test
    void whoLeadsNoLongerClosesNothing() throws StoreException {
        registry.resign(proof);

        pass(TTL, "");

        assertThat(ask().holds()).isTrue();
        assertThat(closed()).isEmpty();
    }

    /// A scheduler that has just started, and leads.
    @Test
    void machinesThatWereLostBeforeTheFirstLookCountIfTheirUnitsWouldMove() throws StoreException {
        for (var letter : List.of("a", "b", "c")) {
            place(letter, "");
        }
        pass(TTL, "de");
        valve = valve();

        assertThat(ask().holds()).isTrue();

        assertThat(closed().orElseThrow().lost()).containsExactly(id("a"), id("b"), id("c"));
    }

    @Test
    void machinesThatWereDrainedAndShutDownCountForNothing() throws StoreException {
        for (var letter : List.of("a", "b", "c")) {
            write(codec.encode(id(letter), DRAINING));
        }
        assertThat(ask()).isEqualTo(Answer.MOVE);

        pass(TTL, "de");

        assertThat(ask()).isEqualTo(Answer.MOVE);
        assertThat(closed()).isEmpty();
    }

    @Test
    void machinesThatVanishBeforeTheyAreDrainedCount() throws StoreException {
        for (var letter : List.of("a", "b", "c")) {
            write(codec.encode(id(letter), DRAINING));
            place(letter, "");
        }
        assertThat(ask()).isEqualTo(Answer.MOVE);

        pass(TTL, "de");

        assertThat(ask().holds()).isTrue();
        assertThat(closed().orElseThrow().lost()).containsExactly(id("a"), id("b"), id("c"));
    }

    @Test
    void machinesThatAreLongDeadCountForNothing() throws StoreException {
        for (var letter : List.of("a", "b", "c")) {
            place(letter, "MachineMetadata=disk=ssd");
        }
        pass(TTL, "de");
        valve = valve();

        assertThat(ask()).isEqualTo(Answer.MOVE);
    }

    /// A unit on a machine.
    private void place(String letter, String options) throws StoreException {
        var unit = new UnitName(letter + ".service");
        var file = ByteString.copyFromUtf8("[Service]\nExecStart=/bin/true\n[X-Fleet]\n" + options + "\n");
        registry.putUnits(List.of(new UnitChange(
                Optional.empty(), new Unit(unit, "hash", DesiredState.LAUNCHED, 1), Optional.of(file))));
        write(codec.encode(new Placement(id(letter), unit, "hash", DesiredState.LAUNCHED, 1, "p", "test")));
    }

    private void loseThree() throws StoreException {
        pass(TTL, "de");
        ask();
        assertThat(closed()).isPresent();
    }
}
