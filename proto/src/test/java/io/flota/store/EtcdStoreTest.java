package io.flota.store;

import io.flota.testing.EtcdServer;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

class EtcdStoreTest extends StoreContract {
    private static EtcdServer etcd;
    private static EtcdStore store;

    @BeforeAll
    static void open() {
        etcd = EtcdServer.start();
        store = new EtcdStore(EtcdSettings.of(List.of(etcd.endpoint())));
    }

    @AfterAll
    static void close() {
        store.close();
        etcd.close();
    }

    @Override
    Store store() {
        return store;
    }

    @Override
    void pass(Duration time) {
        // It passes by itself.
    }

    @Override
    void compact(long revision) {
        etcd.compact(revision);
    }
}
