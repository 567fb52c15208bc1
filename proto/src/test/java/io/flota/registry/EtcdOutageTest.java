package io.flota.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import io.flota.loop.World;
import io.flota.store.EtcdSettings;
import io.flota.store.EtcdStore;
import io.flota.store.Store;
import io.flota.store.StoreException;
import io.flota.store.Transaction;
import io.flota.testing.EtcdServer;
import io.flota.testing.TcpRelay;
import java.time.Duration;
import java.util.List;
import java.util.TreeMap;
import org.awaitility.core.ThrowingRunnable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What mirrors and leases make of a real etcd that fails. Each test has one of its own, and mostly lets time pass.
@Execution(ExecutionMode.CONCURRENT)
class EtcdOutageTest {
    private static final String PREFIX = "/flota/v1/";

    private final RecordingMirrorListener listener = new RecordingMirrorListener();
    private EtcdServer etcd;
    private TcpRelay relay;
    private Store store;

    @BeforeEach
    void open() {
        etcd = EtcdServer.start();
        relay = new TcpRelay(etcd.endpoint());
        store = new EtcdStore(EtcdSettings.of(List.of(relay.endpoint())));
    }

    @AfterEach
    void close() {
        store.close();
        relay.close();
        etcd.close();
    }

    @ParameterizedTest(name = "{0} s")
    @ValueSource(ints = {3, 20})
    void anOutageCostsNoLeaseAndNoKey(int seconds) throws StoreException {
        try (var direct = new EtcdStore(EtcdSettings.of(List.of(etcd.endpoint())));
                var two = new KeptLease(direct, Duration.ofSeconds(2), PREFIX + "two");
                var five = new KeptLease(direct, Duration.ofSeconds(5), PREFIX + "five");
                var _ = new Mirror(World.REAL, direct, PREFIX, listener)) {
            eventually(() -> assertThat(two.lease().isPresent() && five.lease().isPresent()).isTrue());
            var before = List.of(two.lease().orElseThrow(), five.lease().orElseThrow());
            two.put();
            five.put();
            eventually(() -> assertThat(listener.view()).hasSize(2));
            var keys = direct.read(PREFIX);

            etcd.kill();
            eventually(() -> assertThat(listener.isAway()).isTrue());
            pass(Duration.ofSeconds(seconds));
            assertThat(two.lease()).as("a lease of 2 s that is %s s old", seconds).isEmpty();
            etcd.restart();
            eventually(() -> assertThat(listener.isAway()).isFalse());
            pass(Duration.ofSeconds(8)); // longer than etcd lengthens any of the leases

            assertThat(List.of(two.lease().orElseThrow(), five.lease().orElseThrow())).isEqualTo(before);
            assertThat(direct.read(PREFIX).entries()).isEqualTo(keys.entries());
            assertThat(listener.view()).hasSize(2);
        }
    }

    @Test
    void aPausedEtcdEndsLeasesAndTheirKeepersGetNewOnes() throws StoreException {
        try (var lease = new KeptLease(store, Duration.ofSeconds(3), PREFIX + "three");
                var _ = new Mirror(World.REAL, store, PREFIX, listener)) {
            eventually(() -> assertThat(lease.lease()).isPresent());
            var before = lease.lease().orElseThrow();
            lease.put();
            eventually(() -> assertThat(listener.view()).hasSize(1));

            etcd.pause();
            eventually(() -> assertThat(listener.isAway()).isTrue());
            pass(Duration.ofSeconds(10));
            assertThat(lease.told()).containsExactly("held " + before.id(), "lost " + before.id());
            etcd.resume();

            eventually(() -> assertThat(lease.told()).hasSize(3));
            assertThat(lease.told().get(2)).isEqualTo("held " + lease.lease().orElseThrow().id());
            assertThat(lease.lease().orElseThrow().id()).isNotEqualTo(before.id());
            eventually(() -> assertThat(listener.view()).isEmpty());
            eventually(() -> assertThat(listener.isAway()).isFalse());
        }
    }

    @Test
    void aClientThatIsCutOffBeyondItsLeaseGetsANewOne() throws StoreException {
        try (var direct = new EtcdStore(EtcdSettings.of(List.of(etcd.endpoint())));
                var lease = new KeptLease(store, Duration.ofSeconds(2), PREFIX + "two")) {
            eventually(() -> assertThat(lease.lease()).isPresent());
            lease.put();

            relay.cut();
            eventually(() -> assertThat(KeptLease.entry(direct, PREFIX + "two")).isEmpty());
            assertThat(lease.remaining()).as("known here before others can see it").isZero();
            relay.mend();

            eventually(() -> assertThat(lease.told()).hasSize(3));
            assertThat(lease.told().get(2)).isNotEqualTo(lease.told().get(0));
        }
    }

    @Test
    void historyThatIsCompactedWhileTheWatchIsBrokenIsNotMissed() throws StoreException {
        put(store, "a", "1");
        put(store, "b", "1");
        try (var direct = new EtcdStore(EtcdSettings.of(List.of(etcd.endpoint())));
                var _ = new Mirror(World.REAL, store, PREFIX, listener)) {
            eventually(() -> assertThat(listener.view()).hasSize(2));

            relay.cut();
            eventually(() -> assertThat(listener.isAway()).isTrue());
            put(direct, "a", "2");
            direct.commit(Transaction.of(List.of(), List.of(new Transaction.Delete(PREFIX + "b"))));
            etcd.compact(put(direct, "c", "1"));
            relay.mend();

            eventually(() -> assertThat(listener.view()).isEqualTo(inStore(direct)));
            put(direct, "d", "1");
            eventually(() -> assertThat(listener.view()).isEqualTo(inStore(direct)));
        }
    }

    @Test
    void threeMembersOfWhichOneIsPausedLoseNothing() throws StoreException {
        try (var cluster = EtcdServer.cluster(3);
                var three = new EtcdStore(EtcdSettings.of(cluster.endpoints()));
                // Long enough for three members that share a busy machine to choose a new leader.
                var lease = new KeptLease(three, Duration.ofSeconds(15), PREFIX + "lease");
                var _ = new Mirror(World.REAL, three, PREFIX, listener)) {
            eventually(() -> assertThat(lease.lease()).isPresent());
            lease.put();
            for (var member : cluster.members()) {
                member.pause();
                eventually(() -> put(three, "while-paused", member.endpoint().toString()));
                eventually(() -> assertThat(listener.view())
                        .containsEntry(PREFIX + "while-paused", member.endpoint().toString()));
                pass(Duration.ofSeconds(5));
                member.resume();
                eventually(() -> assertThat(three.read(PREFIX).entries()).hasSize(2));
            }

            assertThat(lease.told()).hasSize(1);
            eventually(() -> assertThat(listener.view()).isEqualTo(inStore(three)));
        }
    }

    private static TreeMap<String, String> inStore(Store store) throws StoreException {
        var all = new TreeMap<String, String>();
        store.read(PREFIX).entries().values().forEach(entry -> all.put(entry.key(), entry.value().toStringUtf8()));
        return all;
    }

    private static long put(Store store, String key, String value) throws StoreException {
        var put = new Transaction.Put(PREFIX + key, ByteString.copyFromUtf8(value), 0);
        return store.commit(Transaction.of(List.of(), List.of(put))).revision();
    }

    /// Here time itself is what is tested.
    private static void pass(Duration time) {
        await().atMost(time.plusSeconds(10)).pollDelay(time).until(() -> true);
    }

    /// Failures of the store count as "not yet".
    private static void eventually(ThrowingRunnable assertion) {
        await().atMost(Duration.ofSeconds(60))
                .pollInterval(Duration.ofMillis(50))
                .ignoreException(StoreException.class)
                .untilAsserted(assertion);
    }
}
