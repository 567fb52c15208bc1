package io.flota.scheduler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.google.common.collect.ImmutableSortedMap;
import com.google.protobuf.ByteString;
import io.flota.api.v1.ClusterGrpc;
import io.flota.api.v1.EndpointRecord;
import io.flota.api.v1.ListEndpointsReply;
import io.flota.api.v1.ListEndpointsRequest;
import io.flota.machine.MachineId;
import io.flota.registry.Codec;
import io.flota.store.Lease;
import io.flota.store.Store;
import io.flota.store.Transaction;
import io.flota.unit.Endpoint;
import io.flota.unit.UnitName;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Where units can be reached, as a scheduler tells it, with a real etcd.
class EndpointsApiTest {
    private final TestCluster cluster = new TestCluster();
    private Store store;
    private Lease lease;
    private Api api;

    @BeforeEach
    void serve() throws Exception {
        store = cluster.store();
        lease = store.grant(Duration.ofSeconds(60));
        api = cluster.grpc(cluster.scheduler("one"));
        await().ignoreExceptions().until(() -> list().isEmpty());
    }

    @AfterEach
    void close() {
        cluster.close();
    }

    private void announce(String service, String unit, long epoch) throws Exception {
        var endpoint = new Endpoint(
                service, new UnitName(unit), new MachineId("a".repeat(32)), "10.0.0.1", 8081,
                ImmutableSortedMap.of("weight", "10"), epoch, Instant.ofEpochMilli(5), Optional.empty(),
                ByteString.EMPTY);
        store.commit(Transaction.of(List.of(), List.of(new Codec(TestCluster.KEYS).encode(endpoint, lease.id()))));
    }

    private List<String> list(String... services) {
        var request = ListEndpointsRequest.newBuilder().addAllServices(List.of(services)).build();
        return words(api.ask(ClusterGrpc.getListEndpointsMethod(), request));
    }

    private static List<String> words(ListEndpointsReply reply) {
        return reply.getEndpointsList().stream()
                .map(it -> it.getService() + " " + it.getUnit() + " " + it.getEpoch())
                .toList();
    }

    @Test
    void endpointsAreListedByServiceAndUnitUntilTheirLeaseEnds() throws Exception {
        announce("web", "web@2.service", 1);
        announce("web", "web@1.service", 7);
        announce("db", "db.service", 3);

        await().until(() -> list().equals(List.of("db db.service 3", "web web@1.service 7", "web web@2.service 1")));
        assertThat(list("w*")).containsExactly("web web@1.service 7", "web web@2.service 1");
        assertThat(list("db", "nothing")).containsExactly("db db.service 3");
        assertThatThrownBy(() -> list("[")).hasMessageContaining("INVALID_ARGUMENT");

        store.revoke(lease);
        await().until(() -> list().isEmpty());
    }

    @Test
    @Timeout(60)
    void whatChangesIsTold() throws Exception {
        announce("web", "web@1.service", 7);
        await().until(() -> !list().isEmpty());
        try (var replies = api.open(
                ClusterGrpc.getWatchEndpointsMethod(), ListEndpointsRequest.newBuilder().addServices("web").build())) {
            assertThat(replies.queue().take().getEndpointsList())
                    .containsExactly(EndpointRecord.newBuilder()
                            .setService("web").setUnit("web@1.service").setMachineId("a".repeat(32))
                            .setAddress("10.0.0.1").setPort(8081).putAttributes("weight", "10").setEpoch(7)
                            .setSinceMillis(5).build());
            announce("db", "db.service", 1);
            announce("web", "web@1.service", 8);
            assertThat(words(replies.queue().take())).containsExactly("web web@1.service 8");
        }
    }
}
