package io.flota.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.flota.store.StoreException;
import io.flota.store.Transaction;
import io.flota.testing.SimClock;
import io.flota.testing.SimConnection;
import io.flota.testing.SimStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MirrorPassTest {
    private final SimStore store = new SimStore();
    private final SimConnection connection = store.connect();
    private final SimClock clock = new SimClock();
    private final RecordingMirrorListener listener = new RecordingMirrorListener();
    private final List<String> woken = new ArrayList<>();
    private final MirrorPass mirror =
            new MirrorPass(connection, "/in/", listener, () -> woken.add("up"), clock, clock);

    @Test
    void theViewIsTheSnapshotAndThenWhatChanges() throws StoreException {
        put("/in/a", "1");
        mirror.reconcile();
        put("/in/a", "2");
        put("/out", "3");
        put("/in/b", "4");
        store.deliver();

        assertThat(woken).hasSize(2);
        mirror.reconcile();

        assertThat(listener.view()).isEqualTo(inStore());
        assertThat(listener.told()).containsExactly("reset");
    }

    @Test
    void aBrokenWatchIsMadeAnewFromASnapshot() throws StoreException {
        put("/in/a", "1");
        mirror.reconcile();
        store.breakWatches("etcd ended it");
        store.commit(Transaction.of(List.of(), List.of(new Transaction.Delete("/in/a"))));
        put("/in/b", "2");

        assertThatThrownBy(mirror::reconcile).hasMessage("the watch of /in/ broke: etcd ended it");
        mirror.reconcile();

        assertThat(listener.view()).isEqualTo(inStore());
        assertThat(listener.told()).containsExactly("reset", "reset");
    }

    @Test
    void aCompactedWatchIsMadeAnew() throws StoreException {
        mirror.reconcile();
        put("/in/a", "1");
        put("/in/a", "2");
        store.compact(put("/in/a", "3"));
        store.deliver();

        assertThatThrownBy(mirror::reconcile).hasMessageContaining("compacted");
        mirror.reconcile();

        assertThat(listener.view()).isEqualTo(inStore());
    }

    @Test
    void anOutageIsToldOnceWithItsBeginning() throws StoreException {
        mirror.reconcile();
        clock.pass(Duration.ofSeconds(5));
        connection.cut();
        for (int i = 0; i < 3; i++) {
            clock.pass(Duration.ofSeconds(1));
            assertThatThrownBy(mirror::reconcile).isInstanceOf(StoreException.class);
        }

        assertThat(listener.told())
                .containsExactly("reset", "away since 0: cannot reach the store: the connection is cut");
    }

    @Test
    void anOutageThatNoWatchNoticedEndsWithCurrent() throws StoreException {
        var between = new StoreBetween(store);
        var lucky = new MirrorPass(between, "/in/", listener, () -> {}, clock, clock);
        lucky.reconcile();
        between.afterRead("/in/?", 1, () -> {
            throw new StoreException("no answer within 1.5 s");
        });
        clock.pass(Duration.ofSeconds(1));
        assertThatThrownBy(lucky::reconcile).isInstanceOf(StoreException.class);
        put("/in/a", "1");

        clock.pass(Duration.ofSeconds(1));
        lucky.reconcile();
        assertThat(listener.isAway()).as("while the watch has not told what changed meanwhile").isTrue();

        store.deliver();
        lucky.reconcile();
        assertThat(listener.isAway()).isFalse();
        assertThat(listener.view()).isEqualTo(inStore());
        assertThat(listener.told()).last().isEqualTo("current");
    }

    @Test
    void aWatchThatFallsSilentWhileTheStoreMovesOnIsMadeAnew() throws StoreException {
        mirror.reconcile();
        put("/in/a", "1"); // and nothing is ever delivered

        for (int i = 0; i < 4; i++) {
            clock.pass(Duration.ofSeconds(1));
            mirror.reconcile();
        }
        clock.pass(Duration.ofSeconds(1));
        assertThatThrownBy(mirror::reconcile).hasMessageContaining("it is silent at revision 1, etcd was at 2");
        mirror.reconcile();

        assertThat(listener.view()).isEqualTo(inStore());
    }

    @Test
    void aQuietStoreIsNoSilentWatch() throws StoreException {
        for (int i = 0; i < 60; i++) {
            mirror.reconcile();
            put("/out", "" + i);
            store.deliver();
            clock.pass(Duration.ofSeconds(1));
        }

        assertThat(listener.told()).containsExactly("reset");
    }

    @Test
    void aStoreThatIsAwayFromTheStartIsTold() throws StoreException {
        store.goAway("connection refused");
        assertThatThrownBy(mirror::reconcile).isInstanceOf(StoreException.class);
        store.comeBack();
        mirror.reconcile();

        assertThat(listener.told()).hasSize(2).last().isEqualTo("reset");
        assertThat(listener.isAway()).isFalse();
    }

    /// Whatever fails, once nothing does the view is what the store holds.
    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20})
    void theViewComesToWhatTheStoreHolds(long seed) throws StoreException {
        var random = new SplittableRandom(seed);
        for (int i = 0; i < 2_000; i++) {
            step(random);
        }
        connection.mend();
        for (int i = 0; i < 10; i++) {
            clock.pass(Duration.ofSeconds(1));
            store.deliver();
            pass();
        }

        assertThat(listener.view()).isEqualTo(inStore());
        assertThat(listener.isAway()).isFalse();
        assertThat(listener.told()).noneMatch(line -> line.startsWith("revision"));
    }

    private void step(SplittableRandom random) throws StoreException {
        switch (random.nextInt(16)) {
            case 0, 1, 2, 3 -> put("/in/" + random.nextInt(20), "" + random.nextInt());
            case 4, 5 -> store.commit(Transaction.of(
                    List.of(), List.of(new Transaction.Delete("/in/" + random.nextInt(20)))));
            case 6 -> connection.cut();
            case 7 -> connection.mend();
            case 8 -> store.breakWatches("chance");
            case 9 -> store.compact(store.read("/").revision());
            case 10, 11 -> store.deliver();
            case 12 -> clock.pass(Duration.ofMillis(random.nextInt(3_000)));
            default -> pass();
        }
    }

    private void pass() {
        try {
            mirror.reconcile();
        } catch (StoreException _) {
            // the next pass goes on
        }
    }

    private TreeMap<String, String> inStore() throws StoreException {
        var all = new TreeMap<String, String>();
        store.read("/in/").entries().values().forEach(entry -> all.put(entry.key(), entry.value().toStringUtf8()));
        return all;
    }

    private long put(String key, String value) throws StoreException {
        return store.commit(Transaction.of(
                List.of(), List.of(new Transaction.Put(key, ByteString.copyFromUtf8(value), 0)))).revision();
    }
}
