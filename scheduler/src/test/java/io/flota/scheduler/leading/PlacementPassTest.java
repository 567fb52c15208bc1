package io.flota.scheduler.leading;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.common.base.Ticker;
import com.google.common.collect.ImmutableSortedMap;
import com.google.common.hash.Hashing;
import com.google.protobuf.ByteString;
import io.flota.loop.World;
import io.flota.machine.Machine;
import io.flota.machine.MachineId;
import io.flota.machine.Resources;
import io.flota.registry.Codec;
import io.flota.registry.EventLog;
import io.flota.registry.Fact.EventFact;
import io.flota.registry.Fact.Leader;
import io.flota.registry.Happening;
import io.flota.registry.Keys;
import io.flota.registry.Registry;
import io.flota.registry.UnitChange;
import io.flota.scheduler.election.Election;
import io.flota.scheduler.model.Model;
import io.flota.scheduler.valve.Share;
import io.flota.store.Lease;
import io.flota.store.StoreException;
import io.flota.store.Transaction;
import io.flota.store.Transaction.Delete;
import io.flota.store.Transaction.Put;
import io.flota.store.Transaction.Write;
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
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

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
    private final Election election = new Election(registry, ONE, model, clock);
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
        clock.pass(SETTLE);
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
        clock.pass(SETTLE);
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
                });
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
        clock.pass(SETTLE);
        see();
        reconcile();
        see();
        reportFailed(placement(HERE));

        reconcile();
        see();
        assertThat(placement(HERE).target()).isEqualTo(DesiredState.INACTIVE);
        assertThat(placement(HERE).reason()).isEqualTo("failed on aaaaaaaa once; not tried again there for 10 s");
        var failed = model.latest().cluster().failures().get(FLAKY).failures().machines().get(HERE);
        assertThat(failed.count()).isEqualTo(1);
        assertThat(failed.placementId()).isEqualTo(placement(HERE).id());

        reportFailed(placement(HERE));
        write(codec.encode(machine(ELSEWHERE), 0));
        see();
        assertThat(reconcile()).as("until it may start elsewhere").isEqualTo(Duration.ofSeconds(1));
        clock.pass(Duration.ofSeconds(1));
        reconcile();
        see();
        assertThat(placement(ELSEWHERE).target()).isEqualTo(DesiredState.LAUNCHED);
        assertThat(placement(ELSEWHERE).reason()).startsWith("failed on aaaaaaaa once; ");

        clock.pass(Duration.ofHours(1));
        reconcile();
        see();
        assertThat(model.latest().cluster().failures()).isEmpty();
    }

    /// Nothing that the view will show says why the write is refused.
    @Test
    void aPlacementThatCannotBeReadDoesNotKeepTheLeaderBusy() throws StoreException {
        write(new Put(KEYS.placement(HERE, WEB.name()), ByteString.copyFromUtf8("none"), 0));
        clock.pass(SETTLE);
        see();

        var rests = new ArrayList<Duration>();
        for (int i = 0; i < 12; i++) {
            rests.add(reconcile());
        }

        assertThat(rests.getFirst()).isLessThan(Duration.ofMillis(50));
        assertThat(rests.getLast()).isGreaterThanOrEqualTo(Duration.ofMillis(500));
    }

    @Test
    void aLostMachinesUnitsAreHeldNoLongerThoughTheClockIsSetBack() throws StoreException {
        write(codec.encode(new Placement(LOST, WEB.name(), "hash", DesiredState.LAUNCHED, 1, "p1", "test")));
        see();
        assertThat(pass.reconcile()).as("held").isEqualTo(SETTLE);
        assertThat(store.read(KEYS.placements(LOST)).entries()).hasSize(1);

        clock.pass(Duration.ofHours(-1));
        reconcile();

        assertThat(store.read(KEYS.placements(LOST)).entries()).isEmpty();
        assertThat(store.read(KEYS.placements(HERE)).entries()).hasSize(1);
    }

    @Test
    void theValveIsToldOnceByWhoClosesItThoughNobodyHearsThatItIsWritten() throws StoreException {
        write(codec.encode(machine(LOST), 0));
        write(codec.encode(machine(ELSEWHERE), 0));
        clock.pass(SETTLE);
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
        clock.pass(SETTLE);
        see();

        write(codec.encode(machine(LOST), 0));
        reconcile();

        assertThat(store.read(KEYS.placements(LOST)).entries()).hasSize(1);
        assertThat(store.read(KEYS.placements(HERE)).entries()).isEmpty();
    }

    @Test
    void anExclusiveUnitOfALostMachineMovesOnceTheWaitIsOver() throws StoreException {
        write(codec.encode(new Placement(LOST, WEB.name(), "hash", DesiredState.LAUNCHED, 1, "p1", "test", true)));
        clock.pass(SETTLE);
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
