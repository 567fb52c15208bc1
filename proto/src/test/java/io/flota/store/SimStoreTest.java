package io.flota.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.flota.testing.SimConnection;
import io.flota.testing.SimStore;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class SimStoreTest extends StoreContract {
    private final SimStore store = new SimStore();

    @Override
    Store store() {
        return store;
    }

    @Override
    void pass(Duration time) {
        store.pass(time);
        store.deliver();
    }

    @Override
    void compact(long revision) {
        store.compact(revision);
    }

    /// A connection that is not cut is as good as the store.
    @Nested
    class Connection extends StoreContract {
        private final SimConnection connection = store.connect();

        @Override
        Store store() {
            return connection;
        }

        @Override
        void pass(Duration time) {
            SimStoreTest.this.pass(time);
        }

        @Override
        void compact(long revision) {
            store.compact(revision);
        }

        @Test
        void cutItIsSilentAndMendedItsWatchesAreBroken() throws StoreException {
            var heard = new RecordingListener();
            var watch = connection.watch("/", 2, heard);
            connection.cut();
            store.commit(put("/a"));
            pass(Duration.ZERO);

            assertThatThrownBy(() -> connection.read("/")).hasMessageContaining("the connection is cut");
            assertThat(watch.revision()).isEqualTo(1);
            assertThat(heard.brokenBecause()).isEmpty();

            connection.mend();
            assertThat(heard.changes()).isEmpty();
            assertThat(heard.brokenBecause()).contains("the connection was cut");
        }
    }

    @Test
    void anAnswerThatIsLostMayBelongToAWriteThatHappened() throws StoreException {
        store.loseNextAnswer();

        assertThatThrownBy(() -> store.commit(put("/a")))
                .isInstanceOfSatisfying(StoreException.class, e -> assertThat(e.outcomeUnknown()).isTrue());
        assertThat(store.read("/a").entries()).hasSize(1);
    }

    @Test
    void leasesLiveThroughAnOutage() throws StoreException {
        var lease = store.grant(Duration.ofSeconds(2));
        store.goAway("kill -9");
        store.pass(Duration.ofSeconds(20));
        store.comeBack();
        store.pass(Duration.ofSeconds(1));

        assertThat(store.keepAlive(lease)).isEqualTo(lease.ttl());
    }

    private static Transaction put(String key) {
        return Transaction.of(List.of(), List.of(new Transaction.Put(key, ByteString.EMPTY, 0)));
    }
}
