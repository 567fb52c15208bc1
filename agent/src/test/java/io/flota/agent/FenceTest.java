package io.flota.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.common.collect.ImmutableSortedMap;
import com.google.common.collect.Maps;
import com.google.protobuf.ByteString;
import io.flota.agent.announce.Withdrawals;
import io.flota.agent.runtime.RuntimeUnavailableException;
import io.flota.agent.runtime.SimulatedRuntime;
import io.flota.agent.steps.Placed;
import io.flota.agent.steps.Tenure;
import io.flota.machine.MachineId;
import io.flota.registry.Keys;
import io.flota.testing.SimClock;
import io.flota.unit.DesiredState;
import io.flota.unit.Placement;
import io.flota.unit.UnitFile;
import io.flota.unit.UnitFileException;
import io.flota.unit.UnitName;
import io.flota.unit.UnitState;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Placed units and their fence, on a simulated runtime; a lease of 100 s, so that a second of fear is a percent.
class FenceTest {
    private static final MachineId HERE = new MachineId("0123456789abcdef0123456789abcdef");
    private static final UnitName ONLY = new UnitName("only.service");
    private static final UnitName WEB = new UnitName("web.service");
    private static final UnitFile EXCLUSIVE = file("[Service]\nExecStart=/bin/one\n[X-Flota]\nExclusive=true\n");
    private static final UnitFile STOPS =
            file("[Service]\nExecStart=/bin/one\n[X-Flota]\nOnDisconnect=stop\nDisconnectGrace=10s\n");
    private static final UnitFile PLAIN = file("[Service]\nExecStart=/bin/one\n");
    private static final Duration LIFE = Duration.ofSeconds(100);

    private final SimClock clock = new SimClock();
    private final FileStore store = new FileStore();
    private final List<String> fenced = new ArrayList<>();
    private SimulatedRuntime runtime = SimulatedRuntime.prompt(clock);
    private Optional<Tenure> held = Optional.empty();
    private Optional<Tenure> registered = Optional.empty();
    private Placed placed = new Placed(1, ImmutableSortedMap.of(), ImmutableSortedMap.of());
    private Optional<ImmutableSortedMap<UnitName, UnitState>> reported = Optional.empty();
    private PlacedUnits units;
    private Fence fence;

    @BeforeEach
    void begin() {
        agent();
    }

    @Test
    void anExclusiveUnitWaitsForTheRegistrationAndForAPlacementReadAfterIt() throws Exception {
        place(1, ONLY, EXCLUSIVE);
        work();
        assertThat(runtime.history()).containsExactly("loaded " + ONLY);
        assertThat(message(ONLY)).contains("not registered");

        register(5);
        work();
        assertThat(runtime.history()).containsExactly("loaded " + ONLY);
        assertThat(message(ONLY)).contains("still placed here");
        assertThat(units.isWithholding()).isTrue();

        place(5, ONLY, EXCLUSIVE);
        work();
        assertThat(runtime.history()).containsExactly("loaded " + ONLY, "started " + ONLY + " 1 epoch 5000001");
        assertThat(units.isWithholding()).isFalse();
    }

    @Test
    void itIsStoppedWhenTheLeaseIsNotRenewedAndStartedAnewUnderTheNextRegistration() throws Exception {
        runs(ONLY, EXCLUSIVE);

        assertThat(passes(72)).isEqualTo(Duration.ofSeconds(1));
        assertThat(passes(1)).isNotNull();
        assertThat(runtime.history()).last().isEqualTo("stopped " + ONLY);
        assertThat(fenced).containsExactly(ONLY.full());
        assertThat(message(ONLY)).contains("cannot be renewed");
        passes(100);
        assertThat(runtime.history()).last().isEqualTo("stopped " + ONLY);

        register(9);
        place(9, ONLY, EXCLUSIVE);
        work();
        assertThat(runtime.history()).last().isEqualTo("started " + ONLY + " 1 epoch 9000001");
    }

    @Test
    void itIsKilledAtTheDeadlineIfTheAgentDoesNothingAndTheNextAgentSaysSo() throws Exception {
        runs(ONLY, EXCLUSIVE);
        assertThat(runtime.nextDeadline()).contains(Duration.ofSeconds(98));

        clock.pass(Duration.ofSeconds(98));
        runtime.passTime();
        assertThat(runtime.history()).last().isEqualTo("killed " + ONLY);

        agent();
        work();
        assertThat(runtime.history()).last().isEqualTo("killed " + ONLY);
        work();
        assertThat(fenced).containsExactly(ONLY.full());
    }

    @Test
    void theNextAgentLengthensItsTimeOnlyOnceItIsRegistered() throws Exception {
        runs(ONLY, EXCLUSIVE);
        clock.pass(Duration.ofSeconds(50));
        agent();
        registered = Optional.empty();
        work();
        assertThat(runtime.nextDeadline()).contains(Duration.ofSeconds(98));

        register(7);
        work();
        assertThat(runtime.nextDeadline()).contains(Duration.ofSeconds(98));
        place(7, ONLY, EXCLUSIVE);
        work();

        assertThat(runtime.nextDeadline()).contains(Duration.ofSeconds(148));
        assertThat(runtime.history()).last().isEqualTo("started " + ONLY + " 1 epoch 5000001");
    }

    @Test
    void whatRestartDoesIsRefusedOnceTheUnitShouldStop() throws Exception {
        runs(ONLY, EXCLUSIVE);
        runtime.end(ONLY, "failed");
        runtime.restart(ONLY);
        assertThat(runtime.history()).last().isEqualTo("started " + ONLY + " 1 epoch 5000002");

        clock.pass(Duration.ofSeconds(73));
        runtime.end(ONLY, "failed");
        runtime.restart(ONLY);

        assertThat(runtime.history()).last().isEqualTo("refused " + ONLY);
    }

    @Test
    void oneThatStopsOnDisconnectIsStoppedAfterTheLeaseAndItsGrace() throws Exception {
        runs(WEB, STOPS);
        assertThat(runtime.history()).last().isEqualTo("started " + WEB + " 1");

        passes(109);
        assertThat(runtime.history()).last().isEqualTo("started " + WEB + " 1");
        passes(1);
        assertThat(runtime.history()).last().isEqualTo("stopped " + WEB);

        register(9);
        place(9, WEB, STOPS);
        work();
        assertThat(runtime.history()).last().isEqualTo("started " + WEB + " 1");
    }

    @Test
    void aStopThatTakesItsTimeIsToldOnce() throws Exception {
        runs(WEB, STOPS);
        runtime.waits(WEB);

        passes(110);
        passes(1);
        passes(1);

        assertThat(runtime.observe().get(WEB).active()).isEqualTo("active");
        assertThat(fenced).containsExactly(WEB.full());
    }

    @Test
    void otherUnitsRunOnForEver() throws Exception {
        runs(WEB, PLAIN);

        passes(100_000);

        assertThat(runtime.history()).last().isEqualTo("started " + WEB + " 1");
        assertThat(runtime.guards()).isEmpty();
    }

    @Test
    void anOutageOfTheStoreHoldsUpNoFence() throws Exception {
        runs(ONLY, EXCLUSIVE);
        store.away = true;
        clock.pass(Duration.ofSeconds(73));

        fence.reconcile();

        assertThat(runtime.history()).last().isEqualTo("stopped " + ONLY);
    }

    @Test
    void aUnitWhoseGuardCannotBeKeptIsNotStartedAndHoldsUpNoOther() throws Exception {
        register(5);
        place(5, WEB, PLAIN);
        placeToo(ONLY, EXCLUSIVE);
        runtime.full(true);

        assertThatThrownBy(units::reconcile).isInstanceOf(RuntimeUnavailableException.class);
        assertThat(runtime.history()).contains("started " + WEB + " 1").noneMatch(line -> line.startsWith("refused"));

        runtime.full(false);
        units.reconcile();
        assertThat(runtime.history()).last().isEqualTo("started " + ONLY + " 1 epoch 5000001");
    }

    @Test
    void aFullDiskHoldsUpNoStop() throws Exception {
        register(5);
        place(5, WEB, STOPS);
        placeToo(ONLY, EXCLUSIVE);
        work();
        clock.pass(Duration.ofSeconds(74));
        register(6);
        place(6, WEB, STOPS); // and the other one nowhere, so that its time is over
        runtime.full(true);

        assertThatThrownBy(fence::reconcile).isInstanceOf(RuntimeUnavailableException.class);

        assertThat(runtime.history()).last().isEqualTo("stopped " + ONLY);
    }

    @Test
    void aMachineIsNotRegisteredBeforeWhatAnEarlierAgentLeftFitsItsLease() throws Exception {
        runs(ONLY, EXCLUSIVE);
        agent();
        assertThat(fence.isReady()).isFalse();

        registered = Optional.empty();
        held = Optional.of(new Tenure(Duration.ofSeconds(2), Duration.ofSeconds(10), 0));
        fence.reconcile();

        assertThat(fence.isReady()).isTrue();
        assertThat(runtime.nextDeadline()).contains(Duration.ofMillis(11_800));
    }

    private void runs(UnitName unit, UnitFile file) throws Exception {
        register(5);
        place(5, unit, file);
        work();
        assertThat(runtime.observe().get(unit).active()).isEqualTo("active");
    }

    private void register(long revision) {
        held = Optional.of(new Tenure(Duration.ofNanos(clock.read()), LIFE, 0));
        registered = Optional.of(new Tenure(Duration.ofNanos(clock.read()), LIFE, revision));
    }

    /// This unit alone.
    private void place(long revision, UnitName unit, UnitFile file) {
        placed = new Placed(revision, ImmutableSortedMap.of(), ImmutableSortedMap.of());
        placeToo(unit, file);
    }

    private void placeToo(UnitName unit, UnitFile file) {
        store.put(file.hash(), file.bytes());
        var placement = new Placement(
                HERE, unit, file.hash(), DesiredState.LAUNCHED, 1, "p-" + unit, "a test says so");
        var placements = ImmutableSortedMap.<UnitName, Placement>naturalOrder()
                .putAll(placed.placements())
                .put(unit, placement)
                .build();
        placed = new Placed(
                placed.revision(), placements, ImmutableSortedMap.copyOf(Maps.transformValues(placements, _ -> 1L)));
    }

    /// So many seconds pass.
    ///
    /// @return how long the fence would rest now
    private Duration passes(long seconds) throws Exception {
        clock.pass(Duration.ofSeconds(seconds));
        runtime.passTime();
        return work();
    }

    private Duration work() throws Exception {
        fence.reconcile();
        units.reconcile();
        var rest = fence.reconcile();
        units.reconcile();
        return rest;
    }

    private String message(UnitName unit) {
        return reported.orElseThrow().get(unit).message();
    }

    /// A new one on the same machine.
    private void agent() {
        units = new PlacedUnits(
                () -> Optional.of(placed), runtime, new PlacedFiles(store, Keys.DEFAULT),
                new Terms(() -> registered, clock), Withdrawals.none(), states -> reported = Optional.of(states));
        var leases = new Fence.Leases() {
            @Override
            public Optional<Tenure> held() {
                return held;
            }

            @Override
            public Optional<Tenure> registered() {
                return registered;
            }
        };
        fence = new Fence(
                runtime, clock, leases, () -> Optional.of(placed), (unit, _) -> fenced.add(unit.full()), () -> {});
    }

    private static UnitFile file(String text) {
        try {
            return UnitFile.parse("test.service", ByteString.copyFromUtf8(text));
        } catch (UnitFileException e) {
            throw new IllegalStateException(e);
        }
    }
}
