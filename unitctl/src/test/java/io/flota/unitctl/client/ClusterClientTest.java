package io.flota.unitctl.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.flota.api.v1.Answer;
import io.flota.api.v1.ApplyRequest;
import io.flota.api.v1.Call;
import io.flota.api.v1.CallStatus;
import io.flota.api.v1.DestroyRequest;
import io.flota.api.v1.Freshness;
import io.flota.api.v1.ListMachinesReply;
import io.flota.api.v1.ListUnitsReply;
import io.flota.api.v1.ListUnitsRequest;
import io.flota.api.v1.MachineRecord;
import io.flota.api.v1.UnitIntent;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.SocketFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class ClusterClientTest {
    private interface Behaviour {
        void serve(Socket client, Call call, OutputStream out) throws IOException;
    }

    private final List<ServerSocket> servers = new ArrayList<>();
    private final AtomicInteger calls = new AtomicInteger();

    @AfterEach
    void closeServers() throws IOException {
        for (ServerSocket server : servers) {
            server.close();
        }
    }

    @Test
    void theNextSchedulerIsAskedIfOneIsNotThere() throws Exception {
        var client = client(nobody(), serving(ClusterClientTest::machines), nobody());

        assertThat(client.listMachines().getMachinesCount()).isEqualTo(1);
    }

    @Test
    void theNextSchedulerIsAskedIfOneBreaksOffOrLacksEtcd() throws Exception {
        var client = client(
                serving((socket, _, _) -> socket.close()),
                serving((_, _, out) -> status(out, 14, "cannot reach etcd")),
                serving(ClusterClientTest::machines));

        assertThat(client.listMachines().getMachinesCount()).isEqualTo(1);
    }

    @Test
    void theSchedulerThatAnsweredIsAskedFirstTheNextTime() throws Exception {
        var first = serving((socket, _, _) -> {
            calls.incrementAndGet();
            socket.close();
        });
        var client = client(first, serving(ClusterClientTest::machines));

        client.listMachines();
        client.listMachines();

        assertThat(calls).hasValue(1);
    }

    @Test
    void aRefusalIsFinal() throws Exception {
        var client = client(
                serving((_, _, out) -> status(out, 3, "a.service:1: wrong")), serving(ClusterClientTest::machines));

        assertThatThrownBy(client::listMachines).isInstanceOf(RefusedException.class).hasMessage("a.service:1: wrong");
    }

    @Test
    void whatMayHaveBeenDoneIsNotDoneTwice() throws Exception {
        Behaviour breaksOff = (socket, _, _) -> {
            calls.incrementAndGet();
            socket.close();
        };
        var client = client(serving(breaksOff), serving(breaksOff));

        assertThatThrownBy(() -> client.destroy(DestroyRequest.getDefaultInstance()))
                .isInstanceOf(BrokenCallException.class);
        assertThat(calls).hasValue(1);
        var restart = ApplyRequest.newBuilder().addUnits(UnitIntent.newBuilder().setRestart(true));
        assertThatThrownBy(() -> client.apply(restart.build())).isInstanceOf(BrokenCallException.class);
        assertThat(calls).hasValue(2);
        assertThatThrownBy(() -> client.apply(ApplyRequest.getDefaultInstance()))
                .isInstanceOf(BrokenCallException.class);
        assertThat(calls).as("an intent without restart is as good twice").hasValue(4);
    }

    @Test
    void anotherProtocolIsRecognised() throws Exception {
        byte[] http = "HTTP/1.1 400 \r\n\r\n".getBytes(StandardCharsets.US_ASCII);
        var client = client(serving((_, _, out) -> out.write(http)));

        assertThatThrownBy(client::listMachines)
                .isInstanceOf(BrokenCallException.class)
                .hasMessageContaining("answers in another protocol; unitctl wants the scheduler's --listen address");
    }

    @Test
    void aSchedulerThatIsSilentIsNotAwaitedForEver() throws Exception {
        var client = new ClusterClient(
                List.of(serving((socket, _, _) -> assertThat(socket.getInputStream().read()).isNegative())),
                SocketFactory.getDefault(),
                Duration.ofMillis(50));

        assertThatThrownBy(client::listMachines)
                .hasMessageMatching("the scheduler at 127.0.0.1:\\d+ did not answer in time \\(--request-timeout\\)");
    }

    @Test
    @Timeout(20)
    void aWatchGoesOnElsewhereOnceItsSchedulerIsSilent() throws Exception {
        var client = client(
                serving((socket, _, out) -> {
                    view(out, 1);
                    assertThat(socket.getInputStream().read()).isNegative();
                }),
                serving((socket, _, _) -> assertThat(socket.getInputStream().read()).isNegative()),
                serving((_, _, out) -> view(out, 3)));

        try (var watch = Watch.units(client, ListUnitsRequest.getDefaultInstance(), Duration.ofMillis(50))) {
            assertThat(next(watch)).isEqualTo(1);
            assertThat(next(watch)).isEqualTo(3);
        }
    }

    private static long next(Watch<ListUnitsReply> watch) throws Exception {
        while (true) {
            var view = watch.next(Duration.ofMillis(10));
            if (view.isPresent()) {
                return view.get().getFreshness().getRevision();
            }
        }
    }

    private static void view(OutputStream out, long revision) throws IOException {
        var reply = ListUnitsReply.newBuilder().setFreshness(Freshness.newBuilder().setRevision(revision));
        Answer.newBuilder().setReply(reply.build().toByteString()).build().writeDelimitedTo(out);
    }

    private static ClusterClient client(Endpoint... endpoints) {
        return new ClusterClient(List.of(endpoints), SocketFactory.getDefault(), Duration.ofSeconds(20));
    }

    private static void machines(Socket client, Call call, OutputStream out) throws IOException {
        assertThat(call.getMethod()).isEqualTo("flota.v1.Cluster/ListMachines");
        var reply = ListMachinesReply.newBuilder().addMachines(MachineRecord.getDefaultInstance()).build();
        Answer.newBuilder().setReply(reply.toByteString()).build().writeDelimitedTo(out);
        status(out, 0, "");
    }

    private static void status(OutputStream out, int code, String description) throws IOException {
        Answer.newBuilder()
                .setStatus(CallStatus.newBuilder().setCode(code).setDescription(description))
                .build()
                .writeDelimitedTo(out);
    }

    private Endpoint serving(Behaviour behaviour) throws IOException {
        var server = new ServerSocket(0, 0, InetAddress.getLoopbackAddress());
        servers.add(server);
        Thread.ofVirtual().start(() -> {
            while (!server.isClosed()) {
                try (var client = server.accept()) {
                    behaviour.serve(client, Call.parseDelimitedFrom(client.getInputStream()), client.getOutputStream());
                } catch (IOException _) {
                    // the test is over, or the client went: the loop sees which
                }
            }
        });
        return new Endpoint("127.0.0.1", server.getLocalPort());
    }

    /// A port on which nobody listens.
    private static Endpoint nobody() throws IOException {
        try (var server = new ServerSocket(0, 0, InetAddress.getLoopbackAddress())) {
            return new Endpoint("127.0.0.1", server.getLocalPort());
        }
    }
}
