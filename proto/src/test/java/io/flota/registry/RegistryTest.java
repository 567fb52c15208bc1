package io.flota.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSortedSet;
import com.google.protobuf.ByteString;
import io.flota.machine.MachineId;
import io.flota.registry.Fact.Leader;
import io.flota.registry.Fact.ValveFact;
import io.flota.registry.PlacementChange.Move;
import io.flota.registry.PlacementChange.Place;
import io.flota.registry.PlacementChange.Remove;
import io.flota.registry.PlacementChange.Rewrite;
import io.flota.store.Lease;
import io.flota.store.StoreException;
import io.flota.testing.SimStore;
import io.flota.unit.DesiredState;
import io.flota.unit.Placement;
import io.flota.unit.Unit;
import io.flota.unit.UnitName;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class RegistryTest {
    private static final MachineId A = new MachineId("a".repeat(32));
    private static final MachineId B = new MachineId("b".repeat(32));
    private static final Keys KEYS = Keys.DEFAULT;

    private final SimStore store = new SimStore();
    private final Registry registry = new Registry(store, KEYS);
    private Lease lease;

    @BeforeEach
    void getALease() throws StoreException {
        lease = store.grant(Duration.ofSeconds(60));
    }

    @Test
    void aUnitIsRegisteredWithItsFile() throws StoreException {
        var outcome = registry.putUnits(List.of(fresh("web.service", "one")));

        var fact = registry.unit(name("web.service")).orElseThrow();
        assertThat(fact.unit()).isEqualTo(unit("web.service", "one"));
        assertThat(fact.modRevision()).isEqualTo(outcome.revision());
        assertThat(registry.file("one")).contains(text("one"));
    }

    @Test
    void whatANewerVersionWroteIsThereForTheNextOne() throws StoreException {
        var unread = ByteString.copyFrom(new byte[] {(byte) 0xc0, 0x3e, 1}); // field 1000 is 1
        var lost = ImmutableSortedSet.of(A);
        var closed = new Valve(Instant.ofEpochMilli(1), lost, 3, false, unread);
        registry.commitValve(leads(), new ValveChange(Optional.empty(), Optional.of(closed)), Optional.empty());

        registry.releaseValve(new ValveFact(closed, store.read(KEYS.valve()).revision()));

        var entry = store.read(KEYS.valve()).entries().get(KEYS.valve());
        assertThat(entry.value().toByteArray()).endsWith(unread.toByteArray());
        assertThat(new Codec(KEYS).decode(entry))
                .contains(new ValveFact(
                        new Valve(Instant.ofEpochMilli(1), lost, 3, true, unread), entry.modRevision()));
    }

    @Test
    void aUnitWhoseNameContinuesAnothersIsNotTakenForIt() throws StoreException {
        registry.putUnits(List.of(fresh("web.service.service", "one")));

        assertThat(registry.unit(name("web.service"))).isEmpty();
    }

    @Test
    void aUnitThatSomebodyElseChangedIsLeftAlone() throws StoreException {
        registry.putUnits(List.of(fresh("web.service", "one")));
        var before = registry.unit(name("web.service"));
        registry.putUnits(List.of(new UnitChange(before, unit("web.service", "two"), Optional.of(text("two")))));

        var stale = new UnitChange(before, unit("web.service", "three"), Optional.of(text("three")));

        assertThat(registry.putUnits(List.of(stale)).committed()).isFalse();
        assertThat(registry.putUnits(List.of(fresh("web.service", "three"))).committed()).isFalse();
        assertThat(registry.unit(name("web.service")).orElseThrow().unit().fileHash()).isEqualTo("two");
        assertThat(registry.file("three")).isEmpty();
    }

    @Test
    void aNewFileWithoutItsBytesIsABug() {
        assertThatThrownBy(() -> new UnitChange(Optional.empty(), unit("web.service", "one"), Optional.empty()))
                .hasMessage("the change of web.service lacks the bytes of its file one");
    }

    @Test
    void aFileGoesWithTheLastUnitThatUsesIt() throws StoreException {
        registry.putUnits(List.of(fresh("web@1.service", "one"), fresh("web@2.service", "one")));

        registry.deleteUnits(List.of(name("web@1.service"), name("none.service")));
        registry.sweepFiles(leads(), List.of("one"));
        assertThat(registry.file("one")).isPresent();

        registry.deleteUnits(List.of(name("web@2.service")));
        registry.sweepFiles(leads(), List.of("one", "none"));
        assertThat(registry.file("one")).isEmpty();
        assertThat(registry.units()).isEmpty();
    }

    @Test
    void aReplacedFileGoes() throws StoreException {
        registry.putUnits(List.of(fresh("web.service", "one")));
        var before = registry.unit(name("web.service"));

        registry.putUnits(List.of(new UnitChange(before, unit("web.service", "two"), Optional.of(text("two")))));

        registry.sweepFiles(leads(), List.of("one", "two"));

        assertThat(registry.file("one")).isEmpty();
        assertThat(registry.file("two")).isPresent();
    }

    @Test
    void aFileThatIsSubmittedAgainWhileItIsSweptStays() throws StoreException {
        registry.putUnits(List.of(fresh("old.service", "one")));
        var between = new StoreBetween(store);
        // Once the sweep has read which units there are, and before it deletes the file.
        between.afterRead(KEYS.units(), 1, () -> registry.putUnits(List.of(fresh("new.service", "one"))));

        registry.deleteUnits(List.of(name("old.service")));
        new Registry(between, KEYS).sweepFiles(leads(), List.of("one"));

        assertThat(registry.units().keySet()).containsExactly(name("new.service"));
        assertThat(registry.file("one")).isPresent();
    }

    @Test
    void whoLeadsNoLongerSweepsNothing() throws StoreException {
        registry.putUnits(List.of(fresh("old.service", "one")));
        registry.deleteUnits(List.of(name("old.service")));
        var deposed = leads();
        registry.resign(deposed);
        leads();

        registry.sweepFiles(deposed, List.of("one"));

        assertThat(registry.file("one")).isPresent();
    }

    @Test
    void manyFilesAreSweptAFewAtATime() throws StoreException {
        var proof = leads();
        var names = IntStream.range(0, 300).mapToObj(i -> "u" + i + ".service").toList();
        registry.putUnits(names.stream().map(name -> fresh(name, "of-" + name)).toList());
        registry.deleteUnits(names.stream().map(RegistryTest::name).toList());
        var hashes = names.stream().map(name -> "of-" + name).toList();

        for (int left : new int[] {200, 100, 0}) {
            var there = store.read(KEYS.files()).entries().keySet();
            registry.sweepFiles(proof, hashes.stream().filter(hash -> there.contains(KEYS.file(hash))).toList());
            assertThat(store.read(KEYS.files()).entries()).hasSize(left);
        }
    }

    @Test
    void filesStayWhileAUnitCannotBeRead() throws StoreException {
        registry.putUnits(List.of(fresh("web.service", "one")));
        store.commit(io.flota.store.Transaction.of(List.of(), List.of(
                new io.flota.store.Transaction.Put(KEYS.unit(name("new.service")), text("\b\b\b"), 0))));

        registry.deleteUnits(List.of(name("web.service")));
        registry.sweepFiles(leads(), List.of("one"));

        assertThat(registry.file("one")).isPresent();
    }

    @Test
    void aThousandUnitsAreWrittenWithinEtcdsLimits() throws StoreException {
        var big = text("x".repeat(100_000));
        var changes = IntStream.range(0, 1000)
                .mapToObj(i -> new UnitChange(Optional.empty(), unit("u" + i + ".service", "f" + i % 50), Optional.of(big)))
                .toList();

        assertThat(registry.putUnits(changes).committed()).isTrue();

        assertThat(registry.units()).hasSize(1000);
        assertThat(registry.file("f49")).contains(big);
        registry.deleteUnits(registry.units().keySet());
        registry.sweepFiles(leads(), IntStream.range(0, 50).mapToObj(i -> "f" + i).toList());
        assertThat(store.read(KEYS.units()).entries()).isEmpty();
        assertThat(store.read(KEYS.files()).entries()).isEmpty();
    }

    @Test
    void theFirstWhoAsksLeads() throws StoreException {
        var one = store.grant(Duration.ofSeconds(5));
        var other = store.grant(Duration.ofSeconds(5));

        var proof = registry.lead(new Leader("one", "h:1"), one);

        assertThat(proof).isPresent();
        assertThat(registry.lead(new Leader("other", "h:2"), other)).isEmpty();
        assertThat(registry.lead(new Leader("one", "h:1"), one)).isEqualTo(proof);
        registry.resign(proof.orElseThrow());
        assertThat(registry.lead(new Leader("other", "h:2"), other)).isPresent();
    }

    @Test
    void aLeaderWhoDidNotHearThatItLeadsFindsOut() throws StoreException {
        var lease = store.grant(Duration.ofSeconds(5));
        store.loseNextAnswer();
        assertThatThrownBy(() -> registry.lead(new Leader("one", "h:1"), lease)).isInstanceOf(StoreException.class);

        assertThat(registry.lead(new Leader("one", "h:1"), lease)).isPresent();
    }

    @Test
    void aDeposedLeaderWritesNothing() throws StoreException {
        var lease = store.grant(Duration.ofSeconds(5));
        var old = registry.lead(new Leader("one", "h:1"), lease).orElseThrow();
        store.revoke(lease);
        registry.lead(new Leader("two", "h:2"), store.grant(Duration.ofSeconds(5))).orElseThrow();

        assertThat(registry.commitPlacements(old, List.of(new Place(placement(A, "web.service")))).committed())
                .isFalse();
        registry.resign(old);

        assertThat(store.read(KEYS.placements()).entries()).isEmpty();
        assertThat(store.read(KEYS.leader()).entries()).hasSize(1);
    }

    @Test
    void aMoveIsOneStep() throws StoreException {
        var proof = lead();
        long placed = registry.commitPlacements(proof, List.of(new Place(placement(A, "web.service")))).revision();

        var move = new Move(A, placed, placement(B, "web.service"));
        var outcome = registry.commitPlacements(proof, List.of(move));

        assertThat(outcome.revision()).isEqualTo(placed + 1);
        assertThat(store.read(KEYS.placements()).entries().keySet())
                .containsExactly(KEYS.placement(B, name("web.service")));
        assertThat(registry.commitPlacements(proof, List.of(move)).committed()).isFalse();
    }

    @Test
    void aDecisionFromAnOldViewIsRefused() throws StoreException {
        var proof = lead();
        long placed = registry.commitPlacements(proof, List.of(new Place(placement(A, "web.service")))).revision();
        long rewritten = registry.commitPlacements(
                proof, List.of(new Rewrite(placement(A, "web.service"), placed))).revision();

        assertThat(rewritten).isGreaterThan(placed);
        for (var stale : ImmutableList.of(
                new Place(placement(A, "web.service")),
                new Rewrite(placement(A, "web.service"), placed),
                new Remove(A, name("web.service"), placed))) {
            assertThat(registry.commitPlacements(proof, List.of(stale)).committed()).as("%s", stale).isFalse();
        }
    }

    @Test
    void aPlacementMayBeRemovedAndMadeAnewInOnePlan() throws StoreException {
        var proof = lead();
        long placed = registry.commitPlacements(proof, List.of(new Place(placement(A, "web.service")))).revision();

        var outcome = registry.commitPlacements(proof, List.of(
                new Remove(A, name("web.service"), placed), new Place(placement(A, "web.service"))));

        assertThat(outcome.committed()).isTrue();
        assertThat(store.read(KEYS.placements()).entries()).hasSize(1);
    }

    @Test
    void manyPlacementsAllCarryTheProof() throws StoreException {
        var proof = lead();
        var places = IntStream.range(0, 500)
                .<PlacementChange>mapToObj(i -> new Place(placement(A, "u" + i + ".service")))
                .toList();

        assertThat(registry.commitPlacements(proof, places).committed()).isTrue();
        assertThat(store.read(KEYS.placements(A)).entries()).hasSize(500);
    }

    @Test
    void nothingToDoIsDone() throws StoreException {
        assertThat(registry.commitPlacements(lead(), List.of()).committed()).isTrue();
    }

    private LeaderProof lead() throws StoreException {
        return registry.lead(new Leader("one", "h:1"), store.grant(Duration.ofSeconds(5))).orElseThrow();
    }

    private static UnitChange fresh(String unit, String hash) {
        return new UnitChange(Optional.empty(), unit(unit, hash), Optional.of(text(hash)));
    }

    private static Unit unit(String name, String hash) {
        return new Unit(name(name), hash, DesiredState.LAUNCHED, 1);
    }

    private static Placement placement(MachineId machine, String unit) {
        return new Placement(machine, name(unit), "one", DesiredState.LAUNCHED, 1, "p1", "carries least");
    }

    private LeaderProof leads() throws StoreException {
        return registry.lead(new Leader("one", "h:1"), lease).orElseThrow();
    }

    private static UnitName name(String full) {
        return new UnitName(full);
    }

    private static ByteString text(String value) {
        return ByteString.copyFromUtf8(value);
    }
}
