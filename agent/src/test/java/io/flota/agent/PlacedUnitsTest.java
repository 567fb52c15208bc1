package io.flota.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.fail;

import com.google.common.collect.ImmutableSortedMap;
import com.google.protobuf.ByteString;
import io.flota.agent.announce.Withdrawals;
import io.flota.agent.runtime.RuntimeUnavailableException;
import io.flota.agent.runtime.SimulatedRuntime;
import io.flota.agent.steps.Tenure;
import io.flota.agent.steps.Placed;
import io.flota.machine.MachineId;
import io.flota.loop.World;
import io.flota.registry.Keys;
import io.flota.store.StoreException;
import io.flota.testing.SimClock;
import io.flota.unit.DesiredState;
import io.flota.unit.Placement;
import io.flota.unit.UnitFile;
import io.flota.unit.UnitFileException;
import io.flota.unit.UnitName;
import io.flota.unit.UnitState;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class PlacedUnitsTest {
    private static final MachineId HERE = new MachineId("0123456789abcdef0123456789abcdef");
    private static final UnitName WEB = new UnitName("web@1.service");
    private static final List<UnitFile> FILES =
            List.of(file("[Service]\nExecStart=/bin/one\n"), file("[Service]\nExecStart=/bin/two\n"));

    private static final UnitFile OLDEST =
            file("[Service]\nExecStart=/bin/old\n[X-Flota]\nOnReconnect=oldest\n");
    private static final Terms UNREGISTERED = new Terms(Optional::empty, new SimClock());
    private static final Terms REGISTERED = registeredAt(1);

    private final FileStore store = new FileStore();
    private final TreeMap<UnitName, Placement> placed = new TreeMap<>();
    private Optional<ImmutableSortedMap<UnitName, UnitState>> reported = Optional.empty();
    private SimulatedRuntime runtime = SimulatedRuntime.prompt();
    private PlacedUnits units = agent();
    private int placements;

    PlacedUnitsTest() {
        FILES.forEach(file -> store.put(file.hash(), file.bytes()));
    }

    @Test
    void aPlacedUnitIsLoadedAndStartedAndReported() throws Exception {
        place(WEB, 0, DesiredState.LAUNCHED, 1);

        units.reconcile();
        units.reconcile();

        assertThat(runtime.history()).containsExactly("loaded " + WEB, "started " + WEB + " 1");
        assertThat(state(WEB).active()).isEqualTo("active");
        assertThat(state(WEB).placementId()).isEqualTo("p1");
    }

    /// A runtime has no reason to tell of a unit that was down before.
    @Test
    void aUnitThatIsDownAndToLeaveIsReportedAsGoneByTheNextPass() throws Exception {
        place(WEB, 0, DesiredState.LOADED, 1);
        units.reconcile();
        place(WEB, 0, DesiredState.INACTIVE, 1);

        assertThat(units.reconcile()).isEqualTo(Duration.ZERO);
        units.reconcile();

        assertThat(state(WEB).placementId()).isEqualTo(placed.get(WEB).id());
    }

    @Test
    void beforeTheFirstSnapshotNothingIsStopped() throws Exception {
        place(WEB, 0, DesiredState.LAUNCHED, 1);
        units.reconcile();
        var blind = new PlacedUnits(
                Optional::empty, runtime, new PlacedFiles(store, Keys.DEFAULT), UNREGISTERED, Withdrawals.none(),
                _ -> fail("blind"));

        blind.reconcile();

        assertThat(runtime.history()).doesNotContain("stopped " + WEB);
    }

    @Test
    void aChangedFileIsExchangedOnceTheUnitIsDown() throws Exception {
        runtime = SimulatedRuntime.slow();
        units = agent();
        place(WEB, 0, DesiredState.LAUNCHED, 1);
        settled();
        place(WEB, 1, DesiredState.LAUNCHED, 2);

        settled();

        assertThat(runtime.history())
                .containsExactly(
                        "loaded " + WEB, "started " + WEB + " 1", "stopped " + WEB, "loaded " + WEB,
                        "started " + WEB + " 2");
    }

    /// A question takes its whole deadline then, and meanwhile nothing is stopped or reported.
    @Test
    void whileEtcdIsAwayItIsAskedForOneFileOnly() {
        place(WEB, 0, DesiredState.LAUNCHED, 1);
        place(new UnitName("web@2.service"), 1, DesiredState.LAUNCHED, 1);
        store.away = true;

        assertThatThrownBy(units::reconcile).isInstanceOf(StoreException.class);

        assertThat(store.reads).isEqualTo(1);
        assertThat(state(new UnitName("web@2.service")).message()).contains("cannot read its unit file");
    }

    @Test
    void noMoreThanThatIfAnotherUnitsFileSaysWhetherItStays() throws Exception {
        place(WEB, 0, DesiredState.LAUNCHED, 1);
        settled();
        placed.remove(WEB);
        place(new UnitName("web@2.service"), 1, DesiredState.LAUNCHED, 1);
        units = agent();
        store.away = true;
        store.reads = 0;

        assertThatThrownBy(units::reconcile).isInstanceOf(StoreException.class);

        assertThat(store.reads).isEqualTo(1);
        assertThat(runtime.history()).doesNotContain("stopped " + WEB);
    }

    @Test
    void aRestartedAgentAdoptsWhatRuns() throws Exception {
        place(WEB, 0, DesiredState.LAUNCHED, 1);
        settled();

        units = agent();
        settled();

        assertThat(runtime.history()).containsExactly("loaded " + WEB, "started " + WEB + " 1");
        assertThat(state(WEB).placementId()).isEqualTo("p1");
    }

    @Test
    void aUnitThatStillHasAQueuedStartIsNotReleased() throws Exception {
        runtime = SimulatedRuntime.slow();
        units = agent();
        place(WEB, 0, DesiredState.LAUNCHED, 1);
        units.reconcile(); // the start is queued, the unit looks inactive
        place(WEB, 0, DesiredState.INACTIVE, 1);
        units = agent(); // and nobody remembers

        units.reconcile();
        assertThat(state(WEB).placementId()).isEmpty();

        units.reconcile();
        assertThat(state(WEB).placementId()).isEqualTo("p2");
        assertThat(runtime.isQuiet(WEB)).isTrue();
    }

    @Test
    void onlyAUnitThatLeavesMayNotBeStartedForAnotherOnesSake() throws Exception {
        var other = new UnitName("other.service");
        place(WEB, 0, DesiredState.LAUNCHED, 1);
        place(other, 0, DesiredState.LAUNCHED, 1);
        settled();

        place(WEB, 0, DesiredState.INACTIVE, 1);
        place(other, 0, DesiredState.LOADED, 1);
        settled();

        assertThat(runtime.history()).contains("stopped " + WEB, "stopped " + other);
        assertThat(runtime.isReleased(WEB)).isTrue();
        assertThat(runtime.isReleased(other)).isFalse();
    }

    @Test
    void aMissingFileHoldsUpNoOtherUnit() throws Exception {
        var other = new UnitName("other.service");
        store.remove(FILES.get(1).hash());
        place(WEB, 1, DesiredState.LAUNCHED, 1);
        place(other, 0, DesiredState.LAUNCHED, 1);

        units.reconcile();
        units.reconcile();

        assertThat(state(other).active()).isEqualTo("active");
        assertThat(state(WEB).load()).isEqualTo("not-found");
        assertThat(state(WEB).message()).contains("is not in etcd");
    }

    @Test
    void anOutageHoldsUpNoUnitWhoseFileIsAtHand() throws Exception {
        var other = new UnitName("other.service");
        place(other, 0, DesiredState.LOADED, 0);
        units.reconcile();
        store.away = true;
        place(WEB, 1, DesiredState.LAUNCHED, 1);
        place(other, 0, DesiredState.LAUNCHED, 1);

        assertThatThrownBy(units::reconcile).isInstanceOf(StoreException.class);
        assertThat(runtime.history()).contains("started " + other + " 1");

        store.away = false;
        settled();
        assertThat(state(WEB).active()).isEqualTo("active");
    }

    @Test
    void aUnitWhoseFileKeepsTheOldestRunsOnAndAsksUntilTheLeaderHasSpoken() throws Exception {
        store.put(OLDEST.hash(), OLDEST.bytes());
        place(WEB, OLDEST.hash(), DesiredState.LAUNCHED, 1);
        settled();
        placed.remove(WEB);
        units = agent(); // which has not loaded it itself

        settled();
        assertThat(state(WEB).asksToStay()).isTrue();

        place(WEB, OLDEST.hash(), DesiredState.LAUNCHED, 1);
        settled();
        assertThat(state(WEB).placementId()).isEqualTo("p2");
        assertThat(state(WEB).asksToStay()).isFalse();
        assertThat(runtime.history()).containsExactly("loaded " + WEB, "started " + WEB + " 1");

        placed.remove(WEB);
        settled();
        place(WEB, OLDEST.hash(), DesiredState.INACTIVE, 1);
        settled();
        assertThat(state(WEB).placementId()).isEqualTo("p3");
        assertThat(runtime.history()).endsWith("stopped " + WEB);
    }

    @Test
    void aUnitThatIsNotPlacedStopsOnceItsFileIsReadOrGone() throws Exception {
        place(WEB, 0, DesiredState.LAUNCHED, 1);
        settled();
        placed.remove(WEB);
        units = agent();
        store.away = true;

        assertThatThrownBy(units::reconcile).isInstanceOf(StoreException.class);
        assertThat(runtime.history()).doesNotContain("stopped " + WEB);

        store.away = false;
        store.remove(FILES.getFirst().hash());
        units.reconcile();
        assertThat(runtime.history()).endsWith("stopped " + WEB);
    }

    @Test
    void anAgentThatLeavesStopsAllUnits() throws Exception {
        runtime = SimulatedRuntime.slow();
        units = agent();
        place(WEB, 0, DesiredState.LAUNCHED, 1);
        settled();

        units.leave(Duration.ZERO);
        settled();
        assertThat(units.awaitLeft(World.REAL, Duration.ofMinutes(1))).isEmpty();

        assertThat(runtime.history()).endsWith("stopped " + WEB);
        assertThat(state(WEB).active()).isEqualTo("inactive");
    }

    /// Goal: whatever happens, units end as they are placed, none is stopped or started anew that was as it should
    /// be, and none is called released that could still run. Method: random changes of placements and of reality,
    /// in any order with passes, agent restarts and outages; then peace.
    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void unitsEndAsPlacedAndNoneIsTouchedWithoutAReason(long seed) throws Exception {
        var random = new Random(seed);
        runtime = SimulatedRuntime.slow();
        units = agent();
        for (int i = 0; i < 400; i++) {
            disturb(random);
        }
        store.away = false;
        runtime.unavailable(false);
        FILES.forEach(file -> store.put(file.hash(), file.bytes()));
        settled();
        assertThatAllIsAsPlaced();
    }

    static List<Long> seeds() {
        var one = Long.getLong("seed");
        return one != null ? List.of(one) : new Random(1).longs(200).boxed().toList();
    }

    private void disturb(Random random) throws Exception {
        var unit = new UnitName("u@" + random.nextInt(6) + ".service");
        switch (random.nextInt(12)) {
            case 0, 1 -> {
                var before = placed.get(unit);
                long generation = before == null ? 1 : before.generation() + random.nextInt(2);
                place(unit, random.nextInt(FILES.size()), DesiredState.values()[random.nextInt(3)], generation);
            }
            case 2 -> placed.remove(unit);
            case 3 -> {
                if (!runtime.isQuiet(unit)) {
                    runtime.settle(unit);
                    runtime.end(unit, random.nextBoolean() ? "failed" : "inactive");
                }
            }
            case 4 -> units = agent();
            case 5 -> store.away = random.nextBoolean();
            case 6 -> runtime.unavailable(random.nextInt(3) == 0);
            case 7 -> {
                var file = FILES.get(random.nextInt(FILES.size()));
                if (random.nextBoolean()) {
                    store.put(file.hash(), file.bytes());
                } else {
                    store.remove(file.hash());
                }
            }
            case 8, 9 -> runtime.settle(unit);
            default -> passSparingAllThatIsRight();
        }
    }

    private void passSparingAllThatIsRight() throws Exception {
        runtime.unavailable(false);
        var before = runtime.observe();
        try {
            units.reconcile();
        } catch (StoreException | RuntimeUnavailableException _) {
            // an outage: the loop tries again
        }
        var after = runtime.observe();
        before.forEach((unit, state) -> {
            var placement = placed.get(unit);
            boolean right = placement != null
                    && placement.target() == DesiredState.LAUNCHED
                    && placement.fileHash().equals(state.fileHash())
                    && placement.generation() == state.generation();
            if (right) {
                assertThat(after.get(unit)).as("%s was as it should be", unit).isEqualTo(state);
            }
        });
        placed.forEach((unit, placement) -> {
            boolean released = placement.target() == DesiredState.INACTIVE
                    && reported.map(states -> states.get(unit))
                            .filter(state -> state.placementId().equals(placement.id()))
                            .isPresent();
            if (released) {
                assertThat(runtime.isQuiet(unit)).as("%s is released, so it is down", unit).isTrue();
            }
        });
    }

    private void assertThatAllIsAsPlaced() throws Exception {
        var observed = runtime.observe();
        assertThat(placed.keySet()).containsAll(observed.keySet());
        placed.forEach((unit, placement) -> {
            var state = Optional.ofNullable(observed.get(unit));
            switch (placement.target()) {
                case INACTIVE -> assertThat(runtime.isQuiet(unit)).isTrue();
                case LOADED -> assertThat(state.orElseThrow().generation()).isZero();
                case LAUNCHED -> {
                    assertThat(state.orElseThrow().generation()).isEqualTo(placement.generation());
                    assertThat(state.orElseThrow().fileHash()).isEqualTo(placement.fileHash());
                }
            }
            assertThat(state(unit).placementId()).isEqualTo(placement.id());
        });
        assertThat(reported.orElseThrow().keySet()).isEqualTo(placed.keySet());
    }

    /// Passes, and lets the runtime finish what it was asked to, until nothing changes any more.
    private void settled() throws Exception {
        for (int i = 0; i < 10; i++) {
            units.reconcile();
            for (var unit : runtime.observe().keySet()) {
                runtime.settle(unit);
            }
        }
        var before = runtime.history();
        units.reconcile();
        assertThat(runtime.history()).isEqualTo(before);
    }

    @Test
    void nothingIsStartedWhileTheMachineIsNotRegistered() throws Exception {
        place(WEB, 0, DesiredState.LAUNCHED, 1);

        var agent = agent(UNREGISTERED);
        agent.reconcile();
        agent.reconcile();

        assertThat(runtime.history()).noneMatch(line -> line.startsWith("started"));
        assertThat(state(WEB).message()).contains("not registered");
    }

    @Test
    void nothingIsStartedByPlacementsThatMayBeOlderThanTheRegistration() throws Exception {
        place(WEB, 0, DesiredState.LAUNCHED, 1);

        var agent = agent(registeredAt(2));
        agent.reconcile();
        agent.reconcile();

        assertThat(runtime.history()).noneMatch(line -> line.startsWith("started"));
        assertThat(state(WEB).message()).contains("before it is certain that it is still placed here");
    }

    private static Terms registeredAt(long revision) {
        var tenure = new Tenure(Duration.ZERO, Duration.ofDays(1), revision);
        return new Terms(() -> Optional.of(tenure), new SimClock());
    }

    private PlacedUnits agent() {
        return agent(REGISTERED);
    }

    private PlacedUnits agent(Terms terms) {
        return new PlacedUnits(
                () -> Optional.of(new Placed(1, ImmutableSortedMap.copyOf(placed), ImmutableSortedMap.of())),
                runtime,
                new PlacedFiles(store, Keys.DEFAULT),
                terms,
                Withdrawals.none(),
                states -> reported = Optional.of(states));
    }

    private void place(UnitName unit, int file, DesiredState target, long generation) {
        place(unit, FILES.get(file).hash(), target, generation);
    }

    private void place(UnitName unit, String hash, DesiredState target, long generation) {
        placements++;
        placed.put(unit, new Placement(HERE, unit, hash, target, generation, "p" + placements, "a test says so"));
    }

    private UnitState state(UnitName unit) {
        return reported.orElseThrow().get(unit);
    }

    private static UnitFile file(String text) {
        try {
            return UnitFile.parse("test.service", ByteString.copyFromUtf8(text));
        } catch (UnitFileException e) {
            throw new IllegalStateException(e);
        }
    }
}
