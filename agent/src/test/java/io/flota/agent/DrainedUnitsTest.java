package io.flota.agent;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSortedMap;
import com.google.protobuf.ByteString;
import io.flota.agent.announce.Drains;
import io.flota.agent.announce.Withdrawals;
import io.flota.agent.render.Restarts;
import io.flota.agent.runtime.SimulatedRuntime;
import io.flota.agent.steps.Placed;
import io.flota.agent.steps.Tenure;
import io.flota.registry.Keys;
import io.flota.testing.SimClock;
import io.flota.unit.Announcement;
import io.flota.unit.DesiredState;
import io.flota.unit.Offer;
import io.flota.unit.Placement;
import io.flota.unit.UnitFile;
import io.flota.unit.UnitFileException;
import io.flota.unit.UnitName;
import java.time.Duration;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// A unit that others may be using is stopped only after its drain; one that nobody uses at once. Nobody answers for the
/// store here, so that a drain takes as long as it may at most.
class DrainedUnitsTest {
    private static final UnitName WEB = new UnitName("web.service");
    private static final UnitName BRIEF = new UnitName("brief.service");
    private static final UnitName PLAIN = new UnitName("plain.service");
    private static final Duration DRAIN = Duration.ofSeconds(3);
    /// With what the store is waited for.
    private static final Duration LONGEST = DRAIN.plusSeconds(5);

    private final SimClock clock = new SimClock();
    private final SimulatedRuntime runtime = SimulatedRuntime.prompt();
    private final FileStore store = new FileStore();
    private final TreeMap<UnitName, Placement> placed = new TreeMap<>();
    private final Restarts restarts = new Restarts();
    private int withdrawals;
    private final PlacedUnits units = new PlacedUnits(
            () -> Optional.of(new Placed(1, ImmutableSortedMap.copyOf(placed), ImmutableSortedMap.of())),
            runtime, new PlacedFiles(store, Keys.DEFAULT),
            new Terms(
                    () -> Optional.of(new Tenure(Duration.ZERO, Duration.ofDays(1), 1)), clock,
                    (_, _) -> Optional.empty(), restarts),
            new Withdrawals(new Drains(), DrainedUnitsTest::offers, clock, () -> withdrawals++), _ -> {});

    private static ImmutableSortedMap<UnitName, Offer> offers() {
        return ImmutableSortedMap.of(WEB, offer("web", DRAIN), BRIEF, offer("brief", Duration.ZERO));
    }

    private static Offer offer(String service, Duration drain) {
        return new Offer(
                ImmutableList.of(new Announcement(service, 80, ImmutableSortedMap.of())), drain, Optional.empty());
    }

    @BeforeEach
    void start() throws Exception {
        place(WEB, DesiredState.LAUNCHED, 1);
        place(PLAIN, DesiredState.LAUNCHED, 1);
        units.reconcile();
        assertThat(runtime.history()).contains("started " + WEB + " 1", "started " + PLAIN + " 1");
    }

    private void place(UnitName unit, DesiredState target, long generation) throws UnitFileException {
        var file = UnitFile.parse(unit.full(), ByteString.copyFromUtf8("[Service]\nExecStart=/bin/sleep 1\n"));
        store.put(file.hash(), file.bytes());
        placed.put(unit, new Placement(
                TestCluster.HERE, unit, file.hash(), target, generation, "p" + target + generation, "a test says so"));
    }

    @Test
    void aUnitThatIsToLeaveIsStoppedAfterItsDrainAndOneThatNobodyUsesAtOnce() throws Exception {
        place(WEB, DesiredState.INACTIVE, 1);
        place(PLAIN, DesiredState.INACTIVE, 1);

        units.reconcile();

        assertThat(runtime.history()).contains("stopped " + PLAIN).doesNotContain("stopped " + WEB);
        assertThat(withdrawals).isEqualTo(1);
        assertThat(units.reconcile()).isEqualTo(LONGEST);
        clock.pass(LONGEST.minusMillis(1));
        units.reconcile();
        assertThat(runtime.history()).doesNotContain("stopped " + WEB);
        clock.pass(Duration.ofMillis(1));
        units.reconcile();
        assertThat(runtime.history()).contains("stopped " + WEB);
    }

    @Test
    void aUnitThatIsToStartAnewIsDrainedFirst() throws Exception {
        place(WEB, DesiredState.LAUNCHED, 2);
        place(PLAIN, DesiredState.LAUNCHED, 2);

        units.reconcile();

        assertThat(runtime.history()).contains("started " + PLAIN + " 2").doesNotContain("started " + WEB + " 2");
        clock.pass(LONGEST);
        units.reconcile();
        assertThat(runtime.history()).contains("started " + WEB + " 2");
    }

    @Test
    void aUnitThatIsToStartAnewForItsFilesIsDrainedFirstAndThenStartedOnce() throws Exception {
        restarts.ask(WEB);

        units.reconcile();

        assertThat(withdrawals).isEqualTo(1);
        assertThat(runtime.history()).doesNotContain("stopped " + WEB);
        clock.pass(LONGEST);
        units.reconcile();
        assertThat(runtime.history()).contains("stopped " + WEB);
        assertThat(restarts.open()).isEmpty();
        units.reconcile();
        units.reconcile();
        assertThat(runtime.history().stream().filter(("started " + WEB + " 1")::equals)).hasSize(2);
        assertThat(runtime.history().stream().filter(("stopped " + WEB)::equals)).hasSize(1);
    }

    @Test
    void aRestartThatIsAskedForWhileAnotherOneGoesOnIsNotMetByThat() {
        long first = restarts.ask(WEB);
        restarts.ask(WEB);

        restarts.met(WEB, first);

        assertThat(restarts.open()).containsOnlyKeys(WEB);
    }

    @Test
    void aStopThatIsCalledOffLeavesTheUnitAloneAndBringsItsEndpointsBack() throws Exception {
        place(WEB, DesiredState.LOADED, 1);
        units.reconcile();

        place(WEB, DesiredState.LAUNCHED, 1);
        units.reconcile();
        clock.pass(LONGEST.multipliedBy(2));
        units.reconcile();

        assertThat(withdrawals).isEqualTo(2);
        assertThat(runtime.history()).doesNotContain("stopped " + WEB);
    }

    @Test
    void anAgentThatLeavesDrainsBeforeItStopsAnythingButNotForLongerThanItMay() throws Exception {
        units.leave(Duration.ofSeconds(2));

        units.reconcile();

        assertThat(runtime.history()).doesNotContain("stopped " + WEB, "stopped " + PLAIN);
        clock.pass(Duration.ofSeconds(2));
        units.reconcile();
        assertThat(runtime.history()).contains("stopped " + WEB, "stopped " + PLAIN);
    }

    @Test
    void anAgentThatLeavesStopsAllOnceTheLongestDrainIsOver() throws Exception {
        place(BRIEF, DesiredState.LAUNCHED, 1);
        units.reconcile();
        units.leave(Duration.ofMinutes(1));
        units.reconcile();

        clock.pass(LONGEST.minusMillis(1)); // that of BRIEF is over by now
        assertThat(units.reconcile()).isEqualTo(Duration.ofMillis(1));
        assertThat(runtime.history()).doesNotContain("stopped " + WEB, "stopped " + BRIEF, "stopped " + PLAIN);
        clock.pass(Duration.ofMillis(1));
        units.reconcile();

        assertThat(runtime.history()).contains("stopped " + WEB, "stopped " + BRIEF, "stopped " + PLAIN);
        assertThat(withdrawals).isEqualTo(1);
    }
}
