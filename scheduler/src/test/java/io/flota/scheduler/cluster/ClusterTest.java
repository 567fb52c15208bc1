package io.flota.scheduler.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSortedMap;
import com.google.common.hash.Hashing;
import com.google.protobuf.ByteString;
import io.flota.machine.Machine;
import io.flota.machine.MachineId;
import io.flota.machine.Resources;
import io.flota.registry.Codec;
import io.flota.registry.Fact;
import io.flota.registry.Fact.FileFact;
import io.flota.registry.Fact.Leader;
import io.flota.registry.Fact.LeaderFact;
import io.flota.registry.Fact.MachineFact;
import io.flota.registry.Fact.PlacementFact;
import io.flota.registry.Fact.StateFact;
import io.flota.registry.Fact.UnitFact;
import io.flota.registry.Key.FileKey;
import io.flota.registry.Key.LeaderKey;
import io.flota.registry.Key.MachineKey;
import io.flota.registry.Key.PlacementKey;
import io.flota.registry.Key.StateKey;
import io.flota.registry.Key.UnitKey;
import io.flota.registry.Keys;
import io.flota.scheduler.cluster.Change.Removed;
import io.flota.scheduler.cluster.Change.Written;
import io.flota.scheduler.cluster.RegisteredUnit.Readable;
import io.flota.scheduler.cluster.RegisteredUnit.Unreadable;
import io.flota.store.Entry;
import io.flota.store.WatchListener;
import io.flota.unit.DesiredState;
import io.flota.unit.Placement;
import io.flota.unit.Unit;
import io.flota.unit.UnitName;
import io.flota.unit.UnitState;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class ClusterTest {
    private static final MachineId A = new MachineId("a".repeat(32));
    private static final UnitName X = new UnitName("x.service");
    private static final ByteString FILE = ByteString.copyFromUtf8("[X-Fleet]\nGlobal=true\n");
    private static final String HASH =
            Hashing.sha256().hashBytes(FILE.asReadOnlyByteBuffer()).toString();
    private static final Fact MACHINE = new MachineFact(
            new Machine(A, "host", "", "", ImmutableSortedMap.of(), new Resources(1, 1), "", "boot", "1"));
    private static final Fact UNIT = unit(3, DesiredState.LAUNCHED);
    private static final PlacementFact PLACED =
            new PlacementFact(new Placement(A, X, HASH, DesiredState.LAUNCHED, 1, "p1", "because"), 4);
    private static final StateFact STATE = new StateFact(
            A, X, new UnitState("loaded", "active", "running", HASH, "p1", 1, Instant.EPOCH, "", 7, 0));
    private static final LeaderFact LEADER = new LeaderFact(new Leader("one", "127.0.0.1:4470"), 6);

    private static Fact unit(long modRevision, DesiredState desired) {
        return new UnitFact(new Unit(X, HASH, desired, 1), modRevision);
    }

    private static Cluster full() {
        return Cluster.EMPTY.with(9, written(MACHINE, new FileFact(HASH, FILE), UNIT, PLACED, STATE, LEADER));
    }

    private static List<Change> written(Fact... facts) {
        return Stream.of(facts).<Change>map(Written::new).toList();
    }

    @Test
    void whatIsWrittenIsThereAndWhatIsRemovedIsGone() {
        var cluster = full();
        assertThat(cluster.revision()).isEqualTo(9);
        assertThat(cluster.machines()).containsOnlyKeys(A);
        assertThat(cluster.units().get(X).modRevision()).isEqualTo(3);
        assertThat(cluster.placementsOf(X)).containsEntry(A, PLACED);
        assertThat(cluster.statesOf(X)).containsEntry(A, STATE.state());
        assertThat(cluster.leader()).contains(LEADER);

        var empty = cluster.with(
                12,
                List.of(
                        new Removed(new MachineKey(A)),
                        new Removed(new FileKey(HASH)),
                        new Removed(new UnitKey(X)),
                        new Removed(new PlacementKey(A, X)),
                        new Removed(new StateKey(A, X)),
                        new Removed(new LeaderKey())));

        var left = Cluster.EMPTY.with(9, List.of(new Written(MACHINE)));
        assertThat(empty).isEqualTo(left.with(12, List.of(new Removed(new MachineKey(A)))));
    }

    @Test
    void eachAbsenceOfAMachineIsToldFromTheOneBefore() {
        var begun = Cluster.EMPTY.with(9, List.of());
        var back = begun.with(11, List.of(new Written(MACHINE)));
        var gone = back.with(12, List.of(new Removed(new MachineKey(A))));
        var goneAgain = gone.with(13, List.of(new Written(MACHINE)))
                .with(14, List.of(new Removed(new MachineKey(A))))
                .with(15, List.of());

        assertThat(begun.awaySince(A)).as("since nobody knows when").isEqualTo(9);
        assertThat(gone.awaySince(A)).isEqualTo(12);
        assertThat(goneAgain.awaySince(A)).isEqualTo(14);
        assertThat(goneAgain.gone()).containsOnlyKeys(A);
        assertThat(back.gone()).isEmpty();
    }

    @Test
    void aMachineThatHadStoppedAllItsUnitsHasLeftOnPurpose() {
        var up = Cluster.EMPTY.with(9, written(MACHINE, STATE));
        var down = new StateFact(A, X, new UnitState("loaded", "failed", "failed", HASH, "", 0, Instant.EPOCH, "", 0, 0));

        assertThat(up.with(10, List.of(new Removed(new StateKey(A, X)), new Removed(new MachineKey(A)))).leavers())
                .isEmpty();
        assertThat(up.with(10, written(down)).with(11, List.of(new Removed(new MachineKey(A)))).leavers())
                .containsExactly(A);
        assertThat(Cluster.EMPTY.with(9, written(MACHINE)).with(10, List.of(new Removed(new MachineKey(A)))).leavers())
                .as("nobody knows of one that had none")
                .isEmpty();
    }

    @Test
    void anEarlierClusterDoesNotChange() {
        var before = full();

        var _ = before.with(10, List.of(new Removed(new UnitKey(X))));

        assertThat(before).isEqualTo(full());
    }

    @Test
    void aUnitIsReadWhetherItOrItsFileComesFirst() {
        var unitFirst = Cluster.EMPTY.with(1, written(UNIT));
        assertThat(unitFirst.units().get(X).contents())
                .isEqualTo(new Unreadable("its unit file " + HASH + " is not registered"));
        assertThat(unitFirst.units().get(X).isGlobal()).isFalse();

        var both = unitFirst.with(2, written(new FileFact(HASH, FILE)));

        assertThat(both.units().get(X).contents()).isInstanceOf(Readable.class);
        assertThat(both.units().get(X).isGlobal()).isTrue();
    }

    @Test
    void aUnitThatOnlyChangesItsDesiredStateIsNotReadAgain() {
        var before = full().units().get(X).contents();
        var cluster = full();

        var after = cluster.with(10, written(unit(10, DesiredState.LOADED))).units().get(X);

        assertThat(after.contents()).isSameAs(cluster.units().get(X).contents()).isEqualTo(before);
        assertThat(after.modRevision()).isEqualTo(10);
    }

    @Test
    void aFileThatCannotBeReadLeavesItsProblemsWithTheUnit() {
        var cluster = full().with(10, written(new FileFact(HASH, ByteString.copyFromUtf8("nonsense\n"))));

        assertThat(cluster.units().get(X).contents())
                .isInstanceOfSatisfying(Unreadable.class, it -> assertThat(it.problem())
                        .startsWith("x.service:1: "));
    }

    @Test
    void ofTwoChangesOfOneKeyTheLaterCounts() {
        var cluster = full().with(10, List.of(new Removed(new PlacementKey(A, X)), new Written(PLACED)));

        assertThat(cluster.placementsOf(X)).containsEntry(A, PLACED);
    }

    @Test
    void theFileOfADestroyedUnitIsKnownWhileItIsPlacedOrReported() {
        var destroyed = full().with(10, List.of(new Removed(new UnitKey(X))));
        assertThat(destroyed.contentsOfDestroyed(X)).hasOnlyElementsOfType(Readable.class).hasSize(1);

        var reported = destroyed.with(11, List.of(new Removed(new PlacementKey(A, X))));
        assertThat(reported.contentsOfDestroyed(X)).hasOnlyElementsOfType(Readable.class).hasSize(1);
    }

    @Test
    void theReaderLeavesOutWhatItCannotRead() {
        var keys = Keys.DEFAULT;
        var reader = new ChangeReader(keys, new Codec(keys));

        var changes = reader.read(ImmutableList.of(
                new WatchListener.Deleted(keys.unit(X)),
                new WatchListener.Deleted("/somebody/else"),
                new WatchListener.Deleted(keys.prefix() + "machines/nonsense"),
                new WatchListener.Written(
                        new Entry(keys.unit(X), ByteString.copyFromUtf8("no protobuf"), 1, 1, 0)),
                new WatchListener.Written(new Entry(keys.file(HASH), FILE, 1, 1, 0))));

        assertThat(changes)
                .containsExactly(new Removed(new UnitKey(X)), new Written(new FileFact(HASH, FILE)));
    }
}
