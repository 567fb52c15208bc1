package io.flota.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import io.flota.testing.EtcdServer;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// What callers see of a real etcd that fails.
class EtcdFailureTest {
    /// Told once it is long enough.
    private static final String SINCE = "( for [0-9.]+ s)?";

    private EtcdServer etcd;
    private EtcdStore store;

    @BeforeEach
    void open() {
        etcd = EtcdServer.start();
        store = new EtcdStore(EtcdSettings.of(List.of(etcd.endpoint())));
    }

    @AfterEach
    void close() {
        store.close();
        etcd.close();
    }

    @Test
    void aWriteThatWasSentIntoSilenceMayHaveHappened() throws StoreException {
        store.commit(put("/a", "1"));
        etcd.pause();

        var failure = catchThrowableOfType(StoreException.class, () -> store.commit(put("/a", "2")));

        assertThat(failure.outcomeUnknown()).isTrue();
        assertThat(failure).hasMessageMatching("cannot write /a in etcd at " + etcd.endpoint()
                + SINCE + ": no answer within 1.5 s; it may have been done all the same");
        etcd.resume();
        await().ignoreException(StoreException.class).untilAsserted(() ->
                assertThat(store.read("/a").entries().get("/a").value().toStringUtf8()).isIn("1", "2"));
    }

    @Test
    void aWriteThatCouldNotBeSentDidNotHappen() throws StoreException {
        store.commit(put("/a", "1"));
        etcd.kill();

        // The first may meet the broken connection, the others meet none.
        await().untilAsserted(() -> assertThatExceptionOfType(StoreException.class)
                .isThrownBy(() -> store.commit(put("/a", "2")))
                .withMessageMatching("cannot write /a in etcd at " + etcd.endpoint() + SINCE + ": connection refused")
                .matches(failure -> !failure.outcomeUnknown()));
    }

    @Test
    void nothingHangsOnAPausedEtcd() throws StoreException {
        var lease = store.grant(Duration.ofSeconds(60));
        etcd.pause();

        for (var call : List.<ThrowingCallable>of(
                () -> store.read("/"), () -> store.grant(Duration.ofSeconds(5)), () -> store.keepAlive(lease),
                () -> store.revoke(lease))) {
            assertThatExceptionOfType(StoreException.class).isThrownBy(call).withMessageContaining("no answer within");
        }
    }

    @Test
    void anEtcdThatIsAwayFromTheStartIsUsedOnceItIsThere() {
        var endpoint = etcd.endpoint();
        etcd.kill();
        try (var early = new EtcdStore(EtcdSettings.of(List.of(endpoint)))) {
            var heard = new RecordingListener();
            early.watch("/", 1, heard);
            assertThatExceptionOfType(StoreException.class)
                    .isThrownBy(() -> early.read("/"))
                    .withMessageMatching("cannot read / in etcd at " + endpoint + SINCE + ": connection refused");
            await().untilAsserted(() -> assertThat(heard.brokenBecause()).contains("connection refused"));

            etcd.restart();

            await().ignoreException(StoreException.class).until(() -> early.read("/").revision() >= 1);
        }
    }

    @Test
    void anOutageHeapsUpNoThreads() {
        etcd.kill();
        for (int i = 0; i < 20; i++) {
            assertThatExceptionOfType(StoreException.class).isThrownBy(() -> store.read("/"));
            var heard = new RecordingListener();
            store.watch("/", 1, heard);
            await().untilAsserted(() -> assertThat(heard.brokenBecause()).isPresent());
        }
        assertThat(jetcdThreads()).hasSizeLessThanOrEqualTo(1);

        store.close();

        await().untilAsserted(() -> assertThat(jetcdThreads()).isEmpty());
    }

    @Test
    void anUnknownHostIsNamed() {
        try (var lost = new EtcdStore(EtcdSettings.of(List.of(URI.create("http://no-such-host.invalid:2379"))))) {
            assertThatExceptionOfType(StoreException.class)
                    .isThrownBy(() -> lost.read("/"))
                    .withMessageContaining("no-such-host.invalid");
        }
    }

    @Test
    void aDeadMemberIsPassedOver() throws StoreException {
        var dead = URI.create("http://127.0.0.1:1");
        // It begins with any of them.
        for (int i = 0; i < 10; i++) {
            try (var half = new EtcdStore(EtcdSettings.of(List.of(dead, etcd.endpoint())))) {
                assertThat(half.commit(put("/a", "" + i)).committed()).isTrue();
                assertThat(half.read("/a").entries()).hasSize(1);
            }
        }
    }

    @Test
    void anInterruptEndsACall() throws Exception {
        etcd.pause();
        var failures = new LinkedBlockingQueue<Exception>();
        var caller = Thread.ofVirtual().start(() -> {
            try {
                store.read("/");
            } catch (StoreException e) {
                failures.add(e);
            }
        });

        caller.interrupt();
        caller.join();

        assertThat(failures).hasSize(1);
    }

    @Test
    void aWatchOverTenThousandWritesTellsAllInOrder() throws Exception {
        var heard = new RecordingListener();
        long before = store.read("/").revision();
        try (var _ = store.watch("/", before + 1, heard)) {
            var writers = IntStream.range(0, 8)
                    .mapToObj(writer -> Thread.ofVirtual().start(() -> write(writer)))
                    .toList();
            for (var writer : writers) {
                writer.join();
            }
            await().atMost(Duration.ofSeconds(60)).until(() -> heard.changes().size() >= 10_000);
        }

        assertThat(heard.brokenBecause()).isEmpty();
        assertThat(heard.changes().stream().map(RecordingListener.Change::revision))
                .containsExactlyElementsOf(LongStream.rangeClosed(before + 1, before + 10_000).boxed().toList());
    }

    @Test
    void aWatchCatchesUpWithTenThousandOldWrites() throws Exception {
        long before = store.read("/").revision();
        for (int writer = 0; writer < 8; writer++) {
            write(writer);
        }
        var heard = new RecordingListener();
        try (var _ = store.watch("/", before + 1, heard)) {
            await().atMost(Duration.ofSeconds(60)).until(() -> heard.changes().size() >= 10_000);
        }

        assertThat(heard.changes().stream().map(RecordingListener.Change::revision))
                .containsExactlyElementsOf(LongStream.rangeClosed(before + 1, before + 10_000).boxed().toList());
    }

    private static List<String> jetcdThreads() {
        return Thread.getAllStackTraces().keySet().stream()
                .map(Thread::getName)
                .filter(name -> name.startsWith("jetcd"))
                .toList();
    }

    private void write(int writer) {
        try {
            for (int i = 0; i < 1_250; i++) {
                store.commit(put("/" + writer, "" + i));
            }
        } catch (StoreException e) {
            throw new IllegalStateException(e);
        }
    }

    private static Transaction put(String key, String value) {
        return Transaction.of(
                List.of(), List.of(new Transaction.Put(key, ByteString.copyFromUtf8(value), 0)));
    }
}
