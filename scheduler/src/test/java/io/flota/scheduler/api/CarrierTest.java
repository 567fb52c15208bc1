package io.flota.scheduler.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import io.flota.api.v1.ClusterGrpc;
import io.flota.api.v1.GetUnitFileReply;
import io.flota.api.v1.GetUnitFileRequest;
import io.flota.api.v1.ListUnitsReply;
import io.flota.api.v1.ListUnitsRequest;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class CarrierTest {
    private static final String WATCH = "flota.v1.Cluster/WatchUnits";
    private static final String FILE = "flota.v1.Cluster/GetUnitFile";
    private static final int STREAMED = 3;
    private static final int LARGE_BYTES = 4 << 20;

    private final AtomicInteger watching = new AtomicInteger();
    private Carrier carrier;
    private CarrierClient client;

    /// Answers with the name that it was asked for; a watch for "few" ends, one for "many" floods, one for "silent"
    /// stays.
    private final class Echo extends ClusterGrpc.ClusterImplBase {
        @Override
        public void getUnitFile(GetUnitFileRequest request, StreamObserver<GetUnitFileReply> client) {
            switch (request.getName()) {
                case "bug" -> throw new IllegalStateException("a bug");
                case "refused" ->
                    client.onError(Status.NOT_FOUND.withDescription("not here").asRuntimeException());
                case "large" -> {
                    client.onNext(GetUnitFileReply.newBuilder()
                            .setFile(ByteString.copyFrom(new byte[LARGE_BYTES]))
                            .build());
                    client.onCompleted();
                }
                default -> {
                    client.onNext(GetUnitFileReply.newBuilder()
                            .setFileHash(request.getName())
                            .build());
                    client.onCompleted();
                }
            }
        }

        @Override
        public void watchUnits(ListUnitsRequest request, StreamObserver<ListUnitsReply> client) {
            Outlet.open(client, outlet -> {
                watching.incrementAndGet();
                try {
                    feed(request.getNames(0), outlet);
                } finally {
                    watching.decrementAndGet();
                }
            });
        }

        private void feed(String name, Outlet<ListUnitsReply> outlet) throws InterruptedException {
            var reply = ListUnitsReply.newBuilder();
            reply.addUnitsBuilder().setName(name).setDescription("x".repeat(1000));
            for (int i = 0; name.equals("many") || i < STREAMED; i++) {
                outlet.send(reply.build());
            }
            if (name.equals("silent")) {
                new CountDownLatch(1).await(); // until it is interrupted
            }
        }
    }

    @BeforeEach
    void serve() throws IOException {
        var service = Failures.told(new Echo().bindService());
        carrier = new Carrier(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), Optional.empty(), service);
        client = new CarrierClient(carrier.port());
    }

    @AfterEach
    void stop() {
        carrier.close();
    }

    private GetUnitFileReply file(String name) {
        var request = GetUnitFileRequest.newBuilder().setName(name).build();
        var replies = new ArrayList<GetUnitFileReply>();
        client.stream(FILE, request.toByteString(), bytes -> replies.add(GetUnitFileReply.parseFrom(bytes)));
        return replies.getFirst();
    }

    private static ByteString watch(String name) {
        return ListUnitsRequest.newBuilder().addNames(name).build().toByteString();
    }

    @Test
    void aCallIsAnswered() {
        assertThat(file("a.service").getFileHash()).isEqualTo("a.service");
    }

    @Test
    void aLargeReplyArrivesWhole() {
        assertThat(file("large").getFile().size()).isEqualTo(LARGE_BYTES);
    }

    @Test
    void aRefusalArrivesWithItsWords() {
        assertThatThrownBy(() -> file("refused"))
                .isInstanceOf(StatusRuntimeException.class)
                .hasMessage("NOT_FOUND: not here");
    }

    @Test
    void aBugCostsOneCallOnly() {
        assertThatThrownBy(() -> file("bug")).hasMessageStartingWith("INTERNAL: the scheduler failed to answer");

        assertThat(file("next").getFileHash()).isEqualTo("next");
    }

    @Test
    void anUnknownMethodIsNamed() {
        assertThatThrownBy(() -> client.stream("flota.v1.Cluster/Explode", ByteString.EMPTY, _ -> {}))
                .hasMessageStartingWith("UNIMPLEMENTED: this scheduler has no method \"flota.v1.Cluster/Explode\"");
    }

    @Test
    void aRequestThatIsNoMessageOfTheMethodIsRefused() {
        var garbage = ByteString.copyFrom(new byte[] {0x0a, 0x7f, 1});

        assertThatThrownBy(() -> client.stream(FILE, garbage, _ -> {}))
                .hasMessage("INVALID_ARGUMENT: the request is no message for flota.v1.Cluster/GetUnitFile");
    }

    @Test
    void whatIsNoCallIsRefused() throws IOException {
        try (var socket = client.connect()) {
            var http = "GET / HTTP/1.1\r\nHost: x\r\n\r\n".repeat(9);
            socket.getOutputStream().write(http.getBytes(StandardCharsets.US_ASCII));

            var status = CarrierClient.answers(socket, _ -> {});

            assertThat(status.toString()).contains("INVALID_ARGUMENT", "not a call of Flota's carrier");
        }
    }

    @Test
    void aCallThatClaimsToBeHugeIsRefusedUnread() throws IOException {
        try (var socket = client.connect()) {
            socket.getOutputStream().write(new byte[] {-1, -1, -1, -1, 7, 1, 2, 3});

            var status = CarrierClient.answers(socket, _ -> {});

            assertThat(status.getDescription()).contains("a message of 2147483647 bytes; at most");
        }
    }

    @Test
    void aStreamArrivesWholeAndEnds() {
        var replies = new ArrayList<String>();

        client.stream(
                WATCH,
                watch("few"),
                bytes -> replies.add(ListUnitsReply.parseFrom(bytes).getUnits(0).getName()));

        assertThat(replies).containsExactly("few", "few", "few");
    }

    @Test
    void aClientThatGoesEndsItsStream() throws IOException {
        try (var _ = client.send(WATCH, watch("silent"))) {
            await().until(() -> watching.get() == 1);
        }

        await().until(() -> watching.get() == 0);
    }

    @Test
    void aClientThatDoesNotReadHoldsUpNobody() throws IOException {
        try (var _ = client.send(WATCH, watch("many"))) {
            await().until(() -> watching.get() == 1);

            assertThat(file("other").getFileHash()).isEqualTo("other");
        }

        await().until(() -> watching.get() == 0);
    }

    @Test
    void closingTheCarrierEndsItsStreams() throws IOException {
        try (var _ = client.send(WATCH, watch("silent"))) {
            await().until(() -> watching.get() == 1);

            carrier.close();

            await().until(() -> watching.get() == 0);
        }
    }
}
