package io.flota.agent.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.flota.store.Transaction;
import com.google.protobuf.ByteString;
import com.google.common.base.Ticker;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSortedMap;
import io.flota.agent.steps.Step;
import io.flota.loop.World;
import io.flota.machine.MachineId;
import io.flota.registry.EventLog;
import io.flota.registry.EventReader;
import io.flota.registry.Fact.EventFact;
import io.flota.registry.Happening;
import io.flota.registry.Happening.Kind;
import io.flota.registry.Keys;
import io.flota.store.Lease;
import io.flota.store.StoreException;
import io.flota.store.WatchListener;
import io.flota.testing.SimClock;
import io.flota.testing.SimStore;
import io.flota.unit.UnitName;
import io.flota.unit.UnitState;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ReporterTest {
    private static final Keys KEYS = Keys.DEFAULT;
    private static final MachineId HERE = new MachineId("a".repeat(32));
    private static final UnitName WEB = new UnitName("web.service");

    private final SimStore store = new SimStore();
    private final SimClock clock = new SimClock();
    private final World world = new World() {
        @Override
        public Ticker ticker() {
            return clock;
        }

        @Override
        public InstantSource clock() {
            return clock;
        }
    };
    private Optional<Registered> registration = registered();
    private final List<Registered> doubted = new ArrayList<>();
    private UnitEvents events = unitEvents();
    private Reporter reporter = reporter();

    ReporterTest() throws StoreException {
        clock.pass(Duration.ofDays(20_000));
        restartAgent();
    }

    private void restartAgent() {
        events = unitEvents();
        reporter = reporter();
    }

    private UnitEvents unitEvents() {
        return new UnitEvents(new EventLog(store, world), HERE, clock);
    }

    private Optional<Registered> registered() throws StoreException {
        var lease = store.grant(Duration.ofSeconds(60));
        long written = store.commit(Transaction.of(
                        List.of(), List.of(new Transaction.Put(KEYS.machine(HERE), ByteString.EMPTY, lease.id()))))
                .revision();
        return Optional.of(new Registered(lease, written, written));
    }

    @Test
    void aReportThatMayComeLateIsVoidOnceTheMachinesKeyIsWrittenAnew() throws StoreException {
        store.loseNextAnswer();
        report(state("active", 1, 0));
        assertThatThrownBy(reporter::flush).hasMessageContaining("the answer was lost");
        assertThat(doubted).containsExactly(registration.orElseThrow());

        registered();

        assertThatThrownBy(reporter::flush).hasMessageContaining("not as it was");
        assertThat(doubted).hasSize(2);
    }

    private Reporter reporter() {
        return new Reporter(store, KEYS, HERE, () -> registration, doubted::add, events, clock);
    }

    private UnitState state(String active, long generation, int restarts) {
        return new UnitState(
                "loaded", active, "x", "hash", "p1", generation, clock.instant(), "", 0, restarts);
    }

    private void report(UnitState... states) {
        var all = ImmutableSortedMap.<UnitName, UnitState>naturalOrder();
        for (var state : states) {
            all.put(WEB, state);
        }
        reporter.report(all.build());
    }

    private ImmutableList<Happening> told() throws StoreException {
        return new EventReader(store, KEYS, clock).last(1000, _ -> true).events().stream()
                .map(EventFact::happening)
                .collect(ImmutableList.toImmutableList());
    }

    private void start() throws StoreException {
        report();
        events.because(new Step.Start(WEB, 1, "it is wanted launched"));
        report(state("active", 1, 0));
        reporter.flush();
    }

    @Test
    void aStartIsToldWithItsReasonInTheTransactionOfItsState() throws StoreException {
        var seen = new ArrayList<Integer>();
        store.watch(KEYS.prefix(), store.read("").revision() + 1, new WatchListener() {
            @Override
            public void changed(long revision, ImmutableList<Event> changes) {
                seen.add(changes.size());
            }

            @Override
            public void broken(String reason) {
                throw new AssertionError(reason);
            }
        });

        start();
        store.deliver();

        assertThat(told()).containsExactly(new Happening(
                clock.instant(), Kind.STARTED, Optional.of(WEB), Optional.of(HERE), "it is wanted launched",
                HERE.value(), "p1"));
        assertThat(seen).as("keys written at once").containsExactly(2);
    }

    @Test
    void whatWasNeverReportedInBetweenIsToldAllTheSame() throws StoreException {
        start();

        report(state("failed", 1, 0));
        report(state("active", 1, 1));
        reporter.flush();

        assertThat(told()).extracting(Happening::kind).containsExactly(Kind.STARTED, Kind.FAILED, Kind.STARTED);
        assertThat(told().getLast().reason()).isEqualTo("Restart= started it again; restart 1");
    }

    @Test
    void aStopNamesItsReason() throws StoreException {
        start();

        events.because(new Step.Stop(WEB, "it is not placed here"));
        report(state("deactivating", 0, 0));
        report();
        reporter.flush();

        assertThat(told().getLast())
                .extracting(Happening::kind, Happening::reason)
                .containsExactly(Kind.STOPPED, "it is not placed here");
    }

    @Test
    void anAgentThatAdoptsUnitsTellsNothingOfThem() throws StoreException {
        start();
        var running = state("active", 1, 0);

        clock.pass(Duration.ofMinutes(1));
        restartAgent();
        report(running);
        reporter.flush();

        assertThat(told()).hasSize(1);
    }

    @Test
    void aUnitThatEndedWhileNoAgentWasThereIsToldAsFailed() throws StoreException {
        start();

        clock.pass(Duration.ofMinutes(1));
        restartAgent();
        report(state("failed", 1, 0));
        reporter.flush();

        assertThat(told()).extracting(Happening::kind).containsExactly(Kind.STARTED, Kind.FAILED);
    }

    @Test
    void whatHappensDuringAnOutageIsToldAfterwardsInItsOrder() throws StoreException {
        start();
        registration = Optional.empty();
        report(state("failed", 1, 0));
        reporter.flush();
        report(state("active", 2, 0));
        events.tell(Kind.FENCED, WEB, "etcd was away");
        clock.pass(Duration.ofMinutes(2));
        assertThat(reporter.reconcile()).as("no busy wait").isGreaterThan(Duration.ofSeconds(30));

        registration = registered();
        reporter.flush();

        assertThat(told())
                .extracting(Happening::kind)
                .containsExactly(Kind.STARTED, Kind.FAILED, Kind.STARTED, Kind.FENCED);
    }

    @Test
    void anEventWhoseOutcomeIsUnknownIsWrittenAgainUnderTheSameId() throws StoreException {
        store.grant(Duration.ofSeconds(2));
        report();
        report(state("active", 1, 0));
        store.loseNextAnswer();
        assertThatThrownBy(reporter::flush).isInstanceOf(StoreException.class);

        reporter.flush();

        assertThat(told()).hasSize(1);
        var entry = store.read(KEYS.events()).entries().values().iterator().next();
        assertThat(entry.modRevision()).as("written twice").isGreaterThan(entry.createRevision());
    }

    @Test
    void statesAreReportedThoughTheEventsLeaseHasEnded() throws StoreException {
        start();
        store.pass(Duration.ofDays(2));
        registration = registered();
        report(state("failed", 1, 0));
        assertThatThrownBy(reporter::flush).hasMessageContaining("lease not found");

        reporter.flush();

        assertThat(store.read(KEYS.state(HERE, WEB)).entries()).hasSize(1);
        assertThat(told()).as("the first one is forgotten").extracting(Happening::kind).containsExactly(Kind.FAILED);
    }

    @Test
    void aFlappingUnitFillsNeitherTheStoreNorTheMemory() throws StoreException {
        report();
        for (int i = 1; i <= 500; i++) {
            report(state("active", 1, i));
            reporter.flush();
        }
        assertThat(told()).hasSize(10);

        clock.pass(Duration.ofMinutes(1));
        assertThat(reporter.reconcile()).isPositive();

        assertThat(told()).hasSize(11);
        assertThat(told().getLast().reason())
                .isEqualTo("Restart= started it again; restart 500 (489 more in the minute before are left out)");
    }

    @Test
    void manyEventsOfManyUnitsAreWrittenWithinEtcdsLimits() throws StoreException {
        report();
        var all = ImmutableSortedMap.<UnitName, UnitState>naturalOrder();
        for (int i = 0; i < 300; i++) {
            all.put(new UnitName("web@" + i + ".service"), state("active", 1, 0));
        }
        reporter.report(all.build());

        reporter.flush();

        assertThat(told()).hasSize(300);
        assertThat(List.copyOf(store.read(KEYS.states(HERE)).entries().keySet())).hasSize(300);
    }
}
