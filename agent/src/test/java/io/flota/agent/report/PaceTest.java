package io.flota.agent.report;

import static org.assertj.core.api.Assertions.fail;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import io.flota.store.Transaction;
import com.google.protobuf.ByteString;
import com.google.common.base.Ticker;
import com.google.common.collect.ImmutableSortedMap;
import io.flota.loop.World;
import io.flota.machine.MachineId;
import io.flota.registry.Codec;
import io.flota.registry.EventLog;
import io.flota.registry.Fact.StateFact;
import io.flota.registry.Keys;
import io.flota.store.Entry;
import io.flota.store.Lease;
import io.flota.store.StoreException;
import io.flota.testing.SimClock;
import io.flota.testing.SimStore;
import io.flota.unit.UnitName;
import io.flota.unit.UnitState;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class PaceTest {
    private static final Keys KEYS = Keys.DEFAULT;
    private static final MachineId MACHINE = new MachineId("a".repeat(32));
    private static final UnitName FLAPPING = new UnitName("flapping.service");
    private static final UnitName OTHER = new UnitName("other.service");
    private static final Duration TICK = Duration.ofMillis(10);

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
    private final Codec codec = new Codec(KEYS);
    private final TreeMap<UnitName, UnitState> states = new TreeMap<>();
    private final ArrayList<Duration> writesOfFlapping = new ArrayList<>();
    private Reporter reporter;
    private Duration nextPass = Duration.ZERO;
    private long seen;
    private int restarts;

    @BeforeEach
    void register() throws StoreException {
        Lease lease = store.grant(Duration.ofHours(1));
        long written = store.commit(Transaction.of(
                        List.of(), List.of(new Transaction.Put(KEYS.machine(MACHINE), ByteString.EMPTY, lease.id()))))
                .revision();
        var registered = Optional.of(new Registered(lease, written, written));
        clock.pass(Duration.ofDays(20_000));
        var events = new UnitEvents(new EventLog(store, world), MACHINE, clock);
        reporter = new Reporter(store, KEYS, MACHINE, () -> registered, _ -> fail("no doubt"), events, clock);
        nextPass = now();
    }

    private static UnitState state(String active, String sub, String placement, long generation, int restarts) {
        return new UnitState(
                "loaded", active, sub, "hash", placement, generation, Instant.EPOCH, "", 0, restarts);
    }

    private Duration now() {
        return Duration.ofNanos(clock.read());
    }

    /// As the loop does: a pass when something was reported, or the rest is over.
    private void report(UnitName unit, UnitState state) throws StoreException {
        states.put(unit, state);
        if (reporter.report(ImmutableSortedMap.copyOf(states))) {
            pass();
        }
    }

    private void pass() throws StoreException {
        nextPass = now().plus(reporter.reconcile());
        written(FLAPPING).filter(entry -> entry.modRevision() > seen).ifPresent(entry -> {
            seen = entry.modRevision();
            writesOfFlapping.add(now().minusDays(20_000));
        });
    }

    private void tick() throws StoreException {
        clock.pass(TICK);
        if (now().compareTo(nextPass) >= 0) {
            pass();
        }
    }

    private Optional<Entry> written(UnitName unit) throws StoreException {
        return Optional.ofNullable(store.read(KEYS.state(MACHINE, unit)).entries().get(KEYS.state(MACHINE, unit)));
    }

    private UnitState told(UnitName unit) throws StoreException {
        var fact = codec.decode(written(unit).orElseThrow()).orElseThrow();
        return ((StateFact) fact).state();
    }

    /// `Restart=always`, `RestartSec=100ms`, and a program that ends at once.
    private void flap(Duration time) throws StoreException {
        var end = now().plus(time);
        for (int i = 0; now().compareTo(end) < 0; i++) {
            if (i % 11 == 0) {
                report(FLAPPING, state("active", "running", "p1", 1, ++restarts));
            } else if (i % 11 == 1) {
                report(FLAPPING, state("activating", "auto-restart", "p1", 1, restarts));
            }
            tick();
        }
    }

    @Test
    void aUnitThatIsRestartedForEverIsToldEverMoreRarelyAndItsLastStateInTheEnd() throws StoreException {
        flap(Duration.ofSeconds(60));

        assertThat(restarts).isGreaterThan(500);
        assertThat(writesOfFlapping).hasSizeBetween(12, 24);
        assertThat(writesOfFlapping.get(8)).as("the first ones").isLessThan(Duration.ofSeconds(2));
        var last = state("active", "running", "p1", 1, restarts + 1);
        report(FLAPPING, last);
        for (int i = 0; i < 1100 && !told(FLAPPING).equals(last); i++) {
            tick();
        }
        assertThat(told(FLAPPING)).isEqualTo(last);
    }

    @Test
    void inTheLongRunItIsOneWriteInTenSeconds() throws StoreException {
        flap(Duration.ofMinutes(5));
        writesOfFlapping.clear();

        flap(Duration.ofMinutes(5));

        assertThat(writesOfFlapping).hasSizeBetween(28, 32);
    }

    @Test
    void otherUnitsAreToldAtOnceMeanwhile() throws StoreException {
        flap(Duration.ofSeconds(30));

        report(OTHER, state("active", "running", "p2", 1, 0));
        for (int i = 0; i < 10; i++) {
            tick();
        }

        assertThat(told(OTHER).active()).isEqualTo("active");
    }

    @Test
    void whatAnswersAnotherPlacementOrGenerationIsToldAtOnce() throws StoreException {
        flap(Duration.ofSeconds(30));

        report(FLAPPING, state("activating", "start", "p1", 2, 0));
        tickFor(Duration.ofMillis(60));
        assertThat(told(FLAPPING).generation()).isEqualTo(2);
        report(FLAPPING, state("active", "running", "p1", 2, 0));
        tickFor(Duration.ofMillis(60));
        assertThat(told(FLAPPING).active()).as("it begins anew").isEqualTo("active");

        flap(Duration.ofSeconds(30));
        report(FLAPPING, state("failed", "failed", "p2", 0, 0));
        tickFor(Duration.ofMillis(60));
        assertThat(told(FLAPPING).placementId()).isEqualTo("p2");
    }

    @Test
    void thatItIsDownIsToldWithinASecond() throws StoreException {
        flap(Duration.ofSeconds(60));

        report(FLAPPING, state("failed", "failed", "p1", 1, restarts));
        tickFor(Duration.ofMillis(1050));

        assertThat(told(FLAPPING).active()).isEqualTo("failed");
    }

    @Test
    void aUnitThatIsGoneIsGoneAtOnce() throws StoreException {
        flap(Duration.ofSeconds(60));

        states.clear();
        reporter.report(ImmutableSortedMap.of());
        pass();
        tickFor(Duration.ofMillis(60));

        assertThat(written(FLAPPING)).isEmpty();
    }

    @Test
    void aHandoverTellsAll() throws StoreException {
        flap(Duration.ofSeconds(60));

        reporter.report(ImmutableSortedMap.of(FLAPPING, state("inactive", "dead", "p1", 1, restarts)));
        reporter.flush();

        assertThat(told(FLAPPING).active()).isEqualTo("inactive");
    }

    @Test
    void aHundredUnitsThatStartTogetherAreAllToldAtOnce() throws StoreException {
        var names = new TreeSet<UnitName>();
        for (int i = 0; i < 100; i++) {
            names.add(new UnitName("many@" + i + ".service"));
        }

        for (var sub : new String[] {"start-pre", "start", "running"}) {
            names.forEach(name -> states.put(name, state(sub.equals("running") ? "active" : "activating", sub, "p", 1, 0)));
            reporter.report(ImmutableSortedMap.copyOf(states));
            tickFor(Duration.ofMillis(60));
        }

        for (var name : names) {
            assertThat(told(name).active()).isEqualTo("active");
        }
    }

    private void tickFor(Duration time) throws StoreException {
        pass();
        for (var end = now().plus(time); now().compareTo(end) < 0; ) {
            tick();
        }
    }
}
