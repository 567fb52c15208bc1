package io.flota.store;

import io.etcd.jetcd.api.CompactionRequest;
import io.etcd.jetcd.api.KVGrpc;
import io.flota.testing.EtcdServer;
import io.grpc.ManagedChannelBuilder;
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
        compact(etcd, revision);
    }

    static void compact(EtcdServer etcd, long revision) {
        var channel = ManagedChannelBuilder.forAddress("127.0.0.1", etcd.endpoint().getPort()).usePlaintext().build();
        try {
            KVGrpc.newBlockingStub(channel).compact(CompactionRequest.newBuilder().setRevision(revision).build());
        } finally {
            channel.shutdownNow();
        }
    }
}
