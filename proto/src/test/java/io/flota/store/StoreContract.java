package io.flota.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.google.common.collect.ImmutableList;
import com.google.protobuf.ByteString;
import io.flota.store.Transaction.Absent;
import io.flota.store.Transaction.Condition;
import io.flota.store.Transaction.Delete;
import io.flota.store.Transaction.NotWrittenAfter;
import io.flota.store.Transaction.Put;
import io.flota.store.Transaction.SameLife;
import io.flota.store.Transaction.Unchanged;
import io.flota.store.Transaction.Write;
import io.flota.store.WatchListener.Deleted;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import org.awaitility.core.ThrowingRunnable;
import org.junit.jupiter.api.Test;

/// What every [Store] does.
abstract class StoreContract {
    private final String prefix = "/contract/" + UUID.randomUUID() + "/";

    abstract Store store();

    /// Lets time pass and watches speak, as far as they do not by themselves.
    abstract void pass(Duration time);

    abstract void compact(long revision) throws StoreException;

    @Test
    void whatWasWrittenIsReadAtOneRevision() throws StoreException {
        long first = write(put("a", "1"), put("b", "2"));
        long second = write(put("b", "3"));

        var snapshot = store().read(prefix);

        assertThat(snapshot.revision()).isEqualTo(second);
        assertThat(snapshot.entries().values())
                .containsExactly(
                        new Entry(prefix + "a", text("1"), first, first, 0),
                        new Entry(prefix + "b", text("3"), first, second, 0));
    }

    @Test
    void aPrefixHoldsNoNeighbours() throws StoreException {
        write(put("a/1", ""), put("a/2", ""), put("a0", ""), put("a", ""), put("b", ""));

        assertThat(store().read(prefix + "a/").entries().keySet()).containsExactly(prefix + "a/1", prefix + "a/2");
    }

    @Test
    void rangesAreReadAtOneRevisionAndNoFurtherThanAskedFor() throws StoreException {
        long written = write(put("a/1", "x"), put("a/2", ""), put("a/3", ""), put("b/1", ""), put("c/1", ""), put("c/2", ""));
        var ranges = List.of(
                new KeyRange(prefix, prefix + "b/"),
                new KeyRange(KeyRange.beyond(prefix + "b/"), KeyRange.beyond(prefix)));

        var all = store().read(ranges, 100);

        assertThat(all.revision()).isEqualTo(written);
        assertThat(all.entries().keySet())
                .containsExactly(prefix + "a/1", prefix + "a/2", prefix + "a/3", prefix + "c/1", prefix + "c/2");
        assertThat(all.entries().get(prefix + "a/1")).isEqualTo(new Entry(prefix + "a/1", text("x"), written, written, 0));
        assertThat(store().read(ranges, 2).entries().keySet())
                .containsExactly(prefix + "a/1", prefix + "a/2", prefix + "c/1", prefix + "c/2");
    }

    @Test
    void aConditionThatDoesNotHoldKeepsAllAsItWas() throws StoreException {
        long first = write(put("a", "1"));
        long second = write(put("a", "2"));

        for (Condition wrong : List.of(
                new Absent(prefix + "a"),
                new Unchanged(prefix + "a", first),
                new Unchanged(prefix + "none", first),
                new SameLife(prefix + "a", second),
                new SameLife(prefix + "none", first),
                new NotWrittenAfter(prefix + "a", first))) {
            var outcome = commit(List.of(new Absent(prefix + "none"), wrong), put("b", "3"), delete("a"));

            assertThat(outcome).as("%s", wrong).isEqualTo(new Outcome(false, second));
        }
        assertThat(store().read(prefix).entries().keySet()).containsExactly(prefix + "a");
    }

    @Test
    void conditionsThatHoldLetAllHappen() throws StoreException {
        long first = write(put("a", "1"));
        long second = write(put("a", "2"));

        var outcome = commit(
                List.of(
                        new Absent(prefix + "none"),
                        new Unchanged(prefix + "a", second),
                        new SameLife(prefix + "a", first),
                        new NotWrittenAfter(prefix + "nothing", 0)),
                put("b", "3"), delete("a"));

        assertThat(outcome).isEqualTo(new Outcome(true, second + 1));
        assertThat(store().read(prefix).entries().keySet()).containsExactly(prefix + "b");
    }

    @Test
    void aKeyThatIsMadeAnewHasANewLife() throws StoreException {
        long first = write(put("a", "1"));
        write(delete("a"));
        write(put("a", "1"));

        assertThat(commit(List.of(new SameLife(prefix + "a", first)), put("b", "")).committed()).isFalse();
    }

    @Test
    void deletingWhatIsNotThereChangesNothing() throws StoreException {
        long before = write(put("a", "1"));

        assertThat(commit(List.of(), delete("none"))).isEqualTo(new Outcome(true, before));
    }

    @Test
    void aKeyWrittenTwiceInATransactionIsRefused() {
        assertThatThrownBy(() -> write(put("a", "1"), put("a", "2")))
                .isInstanceOfSatisfying(StoreException.class, e -> assertThat(e.outcomeUnknown()).isFalse())
                .hasMessageContaining("duplicate key");
    }

    @Test
    void aWatchTellsEachRevisionOnceFromTheFirstAskedFor() throws StoreException {
        write(put("a", "0"));
        long from = write(put("a", "1"), put("b", "1"));
        write(put("c", "2"));
        var heard = new RecordingListener();
        try (var _ = store().watch(prefix, from, heard)) {
            write(delete("a"), put("d", "3"));
            write(put("d", "3"));
            eventually(() -> assertThat(heard.changes()).hasSize(4));
        }

        assertThat(heard.changes()).extracting(RecordingListener.Change::revision)
                .containsExactly(from, from + 1, from + 2, from + 3);
        assertThat(heard.changes().get(0).events()).extracting(WatchListener.Event::key)
                .containsExactlyInAnyOrder(prefix + "a", prefix + "b");
        assertThat(heard.changes().get(2).events()).contains(new Deleted(prefix + "a"));
        assertThat(heard.brokenBecause()).isEmpty();
    }

    @Test
    void aWatchTellsNothingOfNeighboursButFollowsTheStore() throws StoreException {
        long from = write(put("a/1", ""));
        var heard = new RecordingListener();
        try (var watch = store().watch(prefix + "a/", from, heard)) {
            long last = write(put("a0", ""), put("a", ""), put("b", ""));
            eventually(() -> assertThat(watch.revision()).isGreaterThanOrEqualTo(last));
        }

        assertThat(heard.keys()).containsExactly(prefix + "a/1");
    }

    @Test
    void aClosedWatchIsSilent() throws StoreException {
        var heard = new RecordingListener();
        long from = write(put("a", "1"));
        var watch = store().watch(prefix, from, heard);
        eventually(() -> assertThat(heard.keys()).hasSize(1));

        watch.close();
        long next = write(put("a", "2"));

        var other = new RecordingListener();
        try (var _ = store().watch(prefix, next, other)) {
            eventually(() -> assertThat(other.keys()).hasSize(1));
        }
        assertThat(heard.keys()).hasSize(1);
        assertThat(heard.brokenBecause()).isEmpty();
    }

    @Test
    void aWatchFromACompactedRevisionIsBroken() throws StoreException {
        long from = write(put("a", "1"));
        write(put("a", "2"));
        compact(write(put("a", "3")));
        var heard = new RecordingListener();

        try (var _ = store().watch(prefix, from, heard)) {
            eventually(() -> assertThat(heard.brokenBecause()).get().asString().contains("compacted"));
        }

        assertThat(heard.changes()).isEmpty();
    }

    @Test
    void aLeaseGivesAtLeastTheLifeAskedFor() throws StoreException {
        var lease = store().grant(Duration.ofMillis(4_500));

        assertThat(lease.ttl()).isGreaterThanOrEqualTo(Duration.ofMillis(4_500));
        assertThat(store().keepAlive(lease)).isEqualTo(lease.ttl());
        store().revoke(lease);
    }

    @Test
    void aLeaseSaysHowLongItHasStillToLive() throws StoreException {
        var lease = store().grant(Duration.ofSeconds(60));
        var fresh = store().life(lease.id());
        pass(Duration.ofSeconds(2));
        var older = store().life(lease.id());
        store().keepAlive(lease);
        var renewed = store().life(lease.id());
        store().revoke(lease);

        assertThat(fresh.ttl()).isEqualTo(Duration.ofSeconds(60));
        assertThat(fresh.left()).isBetween(Duration.ofSeconds(58), Duration.ofSeconds(60));
        assertThat(fresh.age()).isLessThanOrEqualTo(Duration.ofSeconds(2));
        assertThat(older.left()).isLessThanOrEqualTo(fresh.left()); // told in whole seconds
        assertThat(renewed.left()).isGreaterThanOrEqualTo(older.left());
        assertThat(store().life(lease.id())).isEqualTo(LeaseLife.ENDED);
        assertThat(store().life(4711)).isEqualTo(LeaseLife.ENDED);
    }

    @Test
    void manyLeasesSayTogetherHowLongTheyHaveStillToLive() throws StoreException {
        var one = store().grant(Duration.ofSeconds(60));
        var other = store().grant(Duration.ofSeconds(30));

        var lives = store().lives(List.of(one.id(), other.id(), 4711L));

        assertThat(lives).hasSize(3).containsEntry(4711L, LeaseLife.ENDED);
        assertThat(lives.get(one.id()).ttl()).isEqualTo(Duration.ofSeconds(60));
        assertThat(lives.get(other.id()).ttl()).isEqualTo(Duration.ofSeconds(30));
        assertThat(store().lives(List.of())).isEmpty();
        store().revoke(one);
        store().revoke(other);
    }

    @Test
    void aRevokedLeaseTakesItsKeysAlong() throws StoreException {
        var lease = store().grant(Duration.ofSeconds(60));
        long from = write(new Put(prefix + "a", text("1"), lease.id()), put("b", "2"));
        assertThat(store().read(prefix + "a").entries().get(prefix + "a").leaseId()).isEqualTo(lease.id());
        var heard = new RecordingListener();

        try (var _ = store().watch(prefix, from + 1, heard)) {
            store().revoke(lease);
            eventually(() -> assertThat(heard.changes())
                    .extracting(RecordingListener.Change::events)
                    .containsExactly(ImmutableList.of(new Deleted(prefix + "a"))));
        }

        assertThat(store().read(prefix).entries().keySet()).containsExactly(prefix + "b");
        assertThat(store().keepAlive(lease)).isZero();
        store().revoke(lease);
    }

    @Test
    void aKeyPutWithoutTheLeaseOutlivesIt() throws StoreException {
        var lease = store().grant(Duration.ofSeconds(60));
        write(new Put(prefix + "a", text("1"), lease.id()));
        write(put("a", "2"));

        store().revoke(lease);

        assertThat(store().read(prefix).entries()).hasSize(1);
    }

    @Test
    void aLeaseThatNobodyKeepsEndsWithItsKeys() throws StoreException {
        var lease = store().grant(Duration.ofSeconds(2));
        write(new Put(prefix + "a", text("1"), lease.id()));

        pass(Duration.ofSeconds(2));

        eventually(() -> assertThat(store().read(prefix).entries()).isEmpty());
        assertThat(store().keepAlive(lease)).isZero();
    }

    @Test
    void aPutUnderAnUnknownLeaseIsRefused() {
        assertThatThrownBy(() -> write(put("b", "1"), new Put(prefix + "a", text("1"), 4711)))
                .isInstanceOfSatisfying(StoreException.class, e -> assertThat(e.outcomeUnknown()).isFalse())
                .hasMessageContaining("lease not found");
    }

    void eventually(ThrowingRunnable assertion) {
        await().atMost(Duration.ofSeconds(30)).pollInterval(Duration.ofMillis(20)).untilAsserted(() -> {
            pass(Duration.ZERO);
            assertion.run();
        });
    }

    private long write(Write... writes) throws StoreException {
        var outcome = commit(List.of(), writes);
        assertThat(outcome.committed()).isTrue();
        return outcome.revision();
    }

    private Outcome commit(List<Condition> conditions, Write... writes) throws StoreException {
        return store().commit(Transaction.of(conditions, Arrays.asList(writes)));
    }

    private Put put(String key, String value) {
        return new Put(prefix + key, text(value), 0);
    }

    private Delete delete(String key) {
        return new Delete(prefix + key);
    }

    private static ByteString text(String value) {
        return ByteString.copyFromUtf8(value);
    }
}
