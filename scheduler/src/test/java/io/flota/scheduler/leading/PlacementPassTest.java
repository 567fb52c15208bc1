package io.flota.scheduler.leading;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.common.base.Ticker;
import com.google.common.collect.ImmutableSortedMap;
import com.google.common.collect.ImmutableSortedSet;
import com.google.common.hash.Hashing;
import com.google.protobuf.ByteString;
import io.flota.loop.World;
import io.flota.machine.Machine;
import io.flota.machine.MachineId;
import io.flota.machine.Policy;
import io.flota.machine.Resources;
import io.flota.registry.Codec;
import io.flota.registry.EventLog;
import io.flota.registry.Fact.EventFact;
import io.flota.registry.Fact.Leader;
import io.flota.registry.Fact.PlacementFact;
import io.flota.registry.Happening;
import io.flota.registry.Keys;
import io.flota.registry.Registry;
import io.flota.registry.UnitChange;
import io.flota.scheduler.election.Election;
import io.flota.scheduler.model.Model;
import io.flota.scheduler.valve.Share;
import io.flota.store.Entry;
import io.flota.store.Lease;
import io.flota.store.Outcome;
import io.flota.store.Snapshot;
import io.flota.store.StoreException;
import io.flota.store.Transaction;
import io.flota.store.Transaction.Delete;
import io.flota.store.Transaction.Put;
import io.flota.store.Transaction.Write;
import io.flota.testing.ForwardingStore;
import io.flota.testing.SimClock;
import io.flota.testing.SimStore;
import io.flota.unit.DesiredState;
import io.flota.unit.Placement;
import io.flota.unit.Unit;
import io.flota.unit.UnitName;
import io.flota.unit.UnitState;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PlacementPassTest {
    private static final Keys KEYS = Keys.DEFAULT;
    private static final Duration SETTLE = Duration.ofSeconds(6);
    private static final Duration EXCLUSIVE_WAIT = Duration.ofSeconds(2);
    private static final MachineId HERE = new MachineId("a".repeat(32));
    private static final MachineId LOST = new MachineId("b".repeat(32));
    private static final MachineId ELSEWHERE = new MachineId("c".repeat(32));
    private static final UnitName FLAKY = new UnitName("flaky.service");
    private static final Leader ONE = new Leader("one", "127.0.0.1:1");
    private static final Unit WEB = new Unit(new UnitName("web.service"), "hash", DesiredState.LAUNCHED, 1);

    private final SimStore store = new SimStore();
    private final SimClock clock = new SimClock();
    private final Codec codec = new Codec(KEYS);
    private final Registry registry = new Registry(store, KEYS);
    private long nanos;
    private final World world = new World() {
        @Override
        public InstantSource clock() {
            return clock;
        }

        @Override
        public Ticker ticker() {
            return new Ticker() {
                @Override
                public long read() {
                    return nanos;
                }
            };
        }
    };
    private final Model model = new Model(KEYS, world);
    private final Election election = new Election(registry, ONE, model, world.ticker());
    private final LeaderEvents events = new LeaderEvents(new EventLog(store, world), ONE, model, clock);
    private final Caution caution = new Caution(SETTLE, EXCLUSIVE_WAIT, Share.HALF);
    private final PlacementPass pass = new PlacementPass(registry, model, election, events, world, caution);

    @BeforeEach
    void leadAClusterOfOneMachineAndOneUnit() throws StoreException {
        Lease lease = store.grant(Duration.ofSeconds(60));
        write(codec.encode(machine(HERE), lease.id()));
        var file = ByteString.copyFromUtf8("[Service]\nExecStart=/bin/true\n");
        registry.putUnits(List.of(new UnitChange(Optional.empty(), WEB, Optional.of(file))));
        election.held(lease);
        see();
        election.reconcile();
        see();
        assertThat(pass.reconcile()).as("tells that it leads, and looks anew").isZero();
        see();
    }

    /// A pass that was not cut short because there was news to tell first.
    private Duration reconcile() throws StoreException {
        var rest = pass.reconcile();
        while (rest.isZero()) {
            see();
            rest = pass.reconcile();
        }
        return rest;
    }

    private static Machine machine(MachineId id) {
        return new Machine(id, "host", "", "", ImmutableSortedMap.of(), new Resources(0, 0), "", "boot", "test");
    }

    /// By every clock. Whoever sets the calendar alone tells [#clock].
    private void pass(Duration time) {
        clock.pass(time);
        nanos += time.toNanos();
    }

    private void write(Write write) throws StoreException {
        assertThat(store.commit(Transaction.of(List.of(), List.of(write))).committed()).isTrue();
    }

    private void see() throws StoreException {
        model.reset(store.read(KEYS.prefix()));
    }

    /// The answer to a write never comes; the write itself lands when the leader has planned anew.
    @Test
    void aWriteThatLandsLateDoesNotPlaceItsUnitsTwice() throws StoreException {
        var late = new LateStore(store);
        var doubting = new PlacementPass(new Registry(late, KEYS), model, election, events, world, caution);
        pass(SETTLE);
        see();

        late.hold();
        assertThatThrownBy(doubting::reconcile).isInstanceOf(StoreException.class);
        write(new Delete(KEYS.machine(HERE)));
        write(codec.encode(machine(ELSEWHERE), 0));
        for (int i = 0; i < 6; i++) {
            see();
            election.reconcile();
            doubting.reconcile();
        }
        late.land();

        assertThat(store.read(KEYS.prefix() + "placements/").entries().keySet())
                .containsExactly(KEYS.placement(ELSEWHERE, WEB.name()));
    }

    @Test
    void aDecisionIsToldInTheTransactionThatMakesItAndMadeThoughItsEventCannotBeTold() throws StoreException {
        pass(SETTLE);
        see();
        var lease = store.read(KEYS.events()).entries().firstEntry().getValue().leaseId();
        store.revoke(new Lease(lease, Duration.ofDays(1)));

        assertThatThrownBy(pass::reconcile).hasMessageContaining("lease not found");
        pass.reconcile();

        var placed = store.read(KEYS.placement(HERE, WEB.name())).entries().firstEntry().getValue();
        var told = store.read(KEYS.events()).entries().firstEntry().getValue();
        assertThat(told.modRevision()).isEqualTo(placed.modRevision());
        assertThat(codec.decode(told).orElseThrow())
                .isInstanceOfSatisfying(EventFact.class, event -> {
                    assertThat(event.happening().kind()).isEqualTo(Happening.Kind.PLACED);
                    assertThat(event.happening().unit()).contains(WEB.name());
                    assertThat(event.happening().reason()).isNotEmpty();
                    assertThat(event.happening().placementId()).isEqualTo(idOf(placed));
                });
    }

    private String idOf(Entry placement) {
        return ((PlacementFact) codec.decode(placement).orElseThrow()).placement().id();
    }

    @Test
    void aFileThatCannotBeSweptIsNotTriedInEveryPass() throws StoreException {
        write(codec.encode("unused", ByteString.copyFromUtf8("[Service]\n")));
        write(new Put(KEYS.unit(new UnitName("new.service")), ByteString.copyFromUtf8("\b\b\b"), 0));
        var looks = new AtomicInteger();
        var counting = new ForwardingStore(store) {
            @Override
            public Snapshot read(String prefix) throws StoreException {
                looks.addAndGet(prefix.equals(KEYS.units()) ? 1 : 0);
                return super.read(prefix);
            }
        };
        var sweeping = new PlacementPass(new Registry(counting, KEYS), model, election, events, world, caution);

        for (int i = 0; i < 5; i++) {
            see();
            sweeping.reconcile();
        }
        assertThat(looks).hasValue(1);

        write(new Delete(KEYS.unit(new UnitName("new.service"))));
        pass(Duration.ofMinutes(1));
        see();
        sweeping.reconcile();
        assertThat(registry.file("unused")).isEmpty();
    }

    private void reportFailed(Placement placement) throws StoreException {
        write(codec.encode(
                placement.machine(),
                placement.unit(),
                new UnitState(
                        "loaded", "failed", "failed", placement.fileHash(), placement.id(),
                        placement.target() == DesiredState.INACTIVE ? 0 : placement.generation(), clock.instant(),
                        "exit-code 1", 0, 0),
                0));
        see();
    }

    private Placement placement(MachineId machine) {
        return model.latest().cluster().placementsOf(FLAKY).get(machine).placement();
    }

    @Test
    void aUnitThatHasFailedForGoodIsRememberedRestsAndIsTriedElsewhereWhenItsTimeHasCome() throws StoreException {
        var file = ByteString.copyFromUtf8("[Service]\nExecStart=/bin/false\nRestart=always\n");
        var hash = Hashing.sha256().hashBytes(file.asReadOnlyByteBuffer()).toString();
        var unit = new Unit(FLAKY, hash, DesiredState.LAUNCHED, 1);
        registry.putUnits(List.of(new UnitChange(Optional.empty(), unit, Optional.of(file))));
        pass(SETTLE);
        see();
        reconcile();
        see();
        reportFailed(placement(HERE));

        reconcile();
        see();
        assertThat(placement(HERE).target()).isEqualTo(DesiredState.INACTIVE);
        assertThat(placement(HERE).reason()).isEqualTo("failed on aaaaaaaa once; not tried again there for 10 s");
        var failed = model.latest().cluster().failuresOf(FLAKY).get(HERE).failures();
        assertThat(failed.count()).isEqualTo(1);
        assertThat(failed.placementId()).isEqualTo(placement(HERE).id());

        reportFailed(placement(HERE));
        write(codec.encode(machine(ELSEWHERE), 0));
        see();
        assertThat(reconcile()).as("until it may start elsewhere").isEqualTo(Duration.ofSeconds(1));
        pass(Duration.ofSeconds(1));
        reconcile();
        see();
        assertThat(placement(ELSEWHERE).target()).isEqualTo(DesiredState.LAUNCHED);
        assertThat(placement(ELSEWHERE).reason()).startsWith("failed on aaaaaaaa once; ");

        pass(Duration.ofHours(1));
        reconcile();
        see();
        assertThat(model.latest().cluster().failures()).isEmpty();
    }

    /// Nothing that the view will show says why the write is refused.
    @Test
    void aPlacementThatCannotBeReadDoesNotKeepTheLeaderBusy() throws StoreException {
        write(new Put(KEYS.placement(HERE, WEB.name()), ByteString.copyFromUtf8("none"), 0));
        pass(SETTLE);
        see();

        var rests = new ArrayList<Duration>();
        for (int i = 0; i < 12; i++) {
            rests.add(reconcile());
        }

        assertThat(rests.getFirst()).isLessThan(Duration.ofMillis(50));
        assertThat(rests.getLast()).isGreaterThanOrEqualTo(Duration.ofMillis(500));
    }

    @ParameterizedTest(name = "by {0} h")
    @ValueSource(ints = {-1, 0, 1})
    void aLostMachinesUnitsAreHeldAsLongAsEverThoughTheCalendarIsSet(int hours) throws StoreException {
        write(codec.encode(new Placement(LOST, WEB.name(), "hash", DesiredState.LAUNCHED, 1, "p1", "test")));
        see();
        clock.pass(Duration.ofHours(hours));
        assertThat(pass.reconcile()).as("held").isEqualTo(SETTLE);
        assertThat(store.read(KEYS.placements(LOST)).entries()).hasSize(1);

        pass(SETTLE);
        reconcile();

        assertThat(store.read(KEYS.placements(LOST)).entries()).isEmpty();
        assertThat(store.read(KEYS.placements(HERE)).entries()).hasSize(1);
    }

    /// The view that comes next is one of between the plan and its write: the only machine takes nothing, another does.
    @Test
    void whatWasWrittenIsAwaitedThoughTheCalendarIsSetBack() throws StoreException {
        pass(SETTLE);
        see();
        var before = anotherMachineInstead();
        clock.pass(Duration.ofHours(-1));

        for (int i = 0; i < 4; i++) {
            pass.reconcile();
            model.reset(before);
        }

        assertThat(store.read(KEYS.placements()).entries().keySet())
                .containsExactly(KEYS.placement(HERE, WEB.name()));
    }

    /// The store goes away for a moment, and is read before what was on its way arrives.
    @Test
    void aViewThatWasReadDuringAnOutageMayLackWhatWasWrittenInIt() throws StoreException {
        pass(SETTLE);
        see();
        var before = anotherMachineInstead();
        var slow = new ForwardingStore(store) {
            private boolean wasAway;

            @Override
            public Outcome commit(Transaction transaction) throws StoreException {
                if (!wasAway) {
                    wasAway = true;
                    model.away(clock.instant(), "no answer");
                }
                return super.commit(transaction);
            }
        };
        var outlasting = new PlacementPass(new Registry(slow, KEYS), model, election, events, world, caution);

        outlasting.reconcile();
        model.reset(before);
        pass(SETTLE);
        outlasting.reconcile();

        assertThat(store.read(KEYS.placements()).entries().keySet())
                .containsExactly(KEYS.placement(HERE, WEB.name()));
    }

    /// As the store is then; nobody has seen it yet.
    private Snapshot anotherMachineInstead() throws StoreException {
        write(codec.encode(HERE, new Policy(true, false, ImmutableSortedMap.of(), ImmutableSortedSet.of())));
        write(codec.encode(machine(ELSEWHERE), 0));
        return store.read(KEYS.prefix());
    }

    @Test
    void theValveIsToldOnceByWhoClosesItThoughNobodyHearsThatItIsWritten() throws StoreException {
        write(codec.encode(machine(LOST), 0));
        write(codec.encode(machine(ELSEWHERE), 0));
        pass(SETTLE);
        see();
        reconcile();
        write(new Delete(KEYS.machine(LOST)));
        write(new Delete(KEYS.machine(ELSEWHERE)));
        see();
        assertThat(pass.reconcile()).as("tells that they are lost").isZero();
        see();

        store.loseNextAnswer();
        assertThatThrownBy(pass::reconcile).isInstanceOf(StoreException.class);
        for (int i = 0; i < 3; i++) {
            see();
            election.reconcile();
            reconcile();
        }

        var valve = store.read(KEYS.valve()).entries().firstEntry().getValue();
        var told = store.read(KEYS.events()).entries().values().stream()
                .filter(entry -> codec.decode(entry).orElseThrow() instanceof EventFact event
                        && event.happening().kind() == Happening.Kind.VALVE_CLOSED)
                .toList();
        assertThat(told).singleElement().satisfies(entry ->
                assertThat(entry.modRevision()).isEqualTo(valve.modRevision()));
    }

    @Test
    void aMachineThatReturnsUnseenKeepsItsUnits() throws StoreException {
        write(codec.encode(new Placement(LOST, WEB.name(), "hash", DesiredState.LAUNCHED, 1, "p1", "test")));
        pass(SETTLE);
        see();

        write(codec.encode(machine(LOST), 0));
        reconcile();

        assertThat(store.read(KEYS.placements(LOST)).entries()).hasSize(1);
        assertThat(store.read(KEYS.placements(HERE)).entries()).isEmpty();
    }

    @Test
    void anExclusiveUnitOfALostMachineMovesOnceTheWaitIsOver() throws StoreException {
        write(codec.encode(new Placement(LOST, WEB.name(), "hash", DesiredState.LAUNCHED, 1, "p1", "test", true)));
        pass(SETTLE);
        see();

        assertThat(reconcile()).isEqualTo(EXCLUSIVE_WAIT);
        nanos += EXCLUSIVE_WAIT.toNanos() - 1;
        assertThat(reconcile()).isEqualTo(Duration.ofNanos(1));
        assertThat(store.read(KEYS.placements(LOST)).entries()).hasSize(1);
        nanos += 1;
        reconcile();

        assertThat(store.read(KEYS.placements(LOST)).entries()).isEmpty();
        assertThat(store.read(KEYS.placements(HERE)).entries()).hasSize(1);
    }

    @Test
    void aDestroyedExclusiveUnitOfALostMachineIsForgottenOnceTheWaitIsOver() throws StoreException {
        var placed = new Placement(LOST, new UnitName("x.service"), "f", DesiredState.LAUNCHED, 1, "p1", "test", true);
        write(codec.encode(placed));
        see();

        reconcile();
        see();
        reconcile();
        assertThat(store.read(KEYS.placements(LOST)).entries()).hasSize(1);
        nanos += EXCLUSIVE_WAIT.toNanos();
        reconcile();

        assertThat(store.read(KEYS.placements(LOST)).entries()).isEmpty();
    }
}
