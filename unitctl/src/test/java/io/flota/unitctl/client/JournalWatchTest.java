package io.flota.unitctl.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.flota.api.v1.Answer;
import io.flota.api.v1.Call;
import io.flota.api.v1.CallStatus;
import io.flota.api.v1.JournalLine;
import io.flota.api.v1.JournalReply;
import io.flota.api.v1.JournalRequest;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import javax.net.SocketFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class JournalWatchTest {
    private interface Behaviour {
        void serve(Socket client, OutputStream out) throws IOException;
    }

    private static final JournalRequest REQUEST =
            JournalRequest.newBuilder().setUnit("a.service").setLines(10).setFollow(true).build();

    private final List<ServerSocket> servers = new ArrayList<>();
    private final List<JournalRequest> asked = new CopyOnWriteArrayList<>();
    private final List<String> remarks = new ArrayList<>();

    @AfterEach
    void closeServers() throws IOException {
        for (ServerSocket server : servers) {
            server.close();
        }
    }

    private JournalWatch watch(Behaviour... schedulers) throws IOException {
        return watch(REQUEST, schedulers);
    }

    private JournalWatch watch(JournalRequest request, Behaviour... schedulers) throws IOException {
        var endpoints = new ArrayList<Endpoint>();
        for (var behaviour : schedulers) {
            endpoints.add(serving(behaviour));
        }
        var client = new ClusterClient(endpoints, SocketFactory.getDefault(), Duration.ofSeconds(20));
        return new JournalWatch(
                client, request, remarks::add, () -> Instant.ofEpochSecond(95), Duration.ofMillis(50));
    }

    private Endpoint serving(Behaviour behaviour) throws IOException {
        var server = new ServerSocket(0, 0, InetAddress.getLoopbackAddress());
        servers.add(server);
        Thread.ofVirtual().start(() -> {
            while (!server.isClosed()) {
                try (var client = server.accept()) {
                    asked.add(JournalRequest.parseFrom(Call.parseDelimitedFrom(client.getInputStream()).getRequest()));
                    behaviour.serve(client, client.getOutputStream());
                } catch (IOException _) {
                    // the test is over, or the client went: the loop sees which
                }
            }
        });
        return new Endpoint("127.0.0.1", server.getLocalPort());
    }

    private static void lines(OutputStream out, String unit, long... seconds) throws IOException {
        var reply = JournalReply.newBuilder().setMachineId("m");
        for (long second : seconds) {
            reply.addLines(JournalLine.newBuilder().setUnit(unit).setTimeMicros(second * 1_000_000));
        }
        Answer.newBuilder().setReply(reply.build().toByteString()).build().writeDelimitedTo(out);
    }

    private static void status(OutputStream out, int code, String text) throws IOException {
        var status = CallStatus.newBuilder().setCode(code).setDescription(text);
        Answer.newBuilder().setStatus(status).build().writeDelimitedTo(out);
    }

    private static void untilItGoes(Socket client) throws IOException {
        assertThat(client.getInputStream().read()).isNegative();
    }

    /// All that comes, by unit and second.
    private static List<String> heard(JournalWatch watch) throws Exception {
        var heard = new ArrayList<String>();
        for (var reply = watch.next(); reply.isPresent(); reply = watch.next()) {
            reply.get().getLinesList().forEach(line -> heard.add(line.getUnit() + line.getTimeMicros() / 1_000_000));
        }
        return heard;
    }

    @Test
    void whatAnotherSchedulerTellsAgainIsHeardOnce() throws Exception {
        try (var watch = watch(
                (client, out) -> {
                    lines(out, "a", 100, 101);
                    lines(out, "b", 90);
                    client.close();
                },
                (_, out) -> {
                    lines(out, "b", 91, 92);
                    lines(out, "a", 101, 102);
                    status(out, 0, "");
                })) {
            assertThat(heard(watch)).containsExactly("a100", "a101", "b90", "b91", "b92", "a102");
        }
        assertThat(asked.getLast().getNamesList()).containsExactly("a.service");
        assertThat(asked.getLast().getSinceMicros()).isEqualTo(91_000_000);
        assertThat(asked.getLast().getLines()).isNegative();
        assertThat(remarks).singleElement().asString().endsWith("journals are followed on once a scheduler answers");
    }

    @Test
    void whoWantsNoneOfWhatWasWrittenBeforeGetsAllThatCameSinceThough() throws Exception {
        try (var watch = watch(
                REQUEST.toBuilder().setLines(0).build(),
                (client, out) -> {
                    lines(out, "");
                    client.close();
                },
                (client, out) -> {
                    lines(out, "a", 97, 98);
                    client.close();
                },
                (_, out) -> status(out, 0, ""))) {
            assertThat(heard(watch)).containsExactly("a97", "a98");
        }
        assertThat(asked).extracting(JournalRequest::getLines).containsExactly(0, -1, -1);
        assertThat(asked).extracting(JournalRequest::getSinceMicros).containsExactly(0L, 95_000_000L, 95_000_000L);
    }

    @Test
    void aSchedulerThatSaidItLivesAndIsSilentIsLeft() throws Exception {
        try (var watch = watch(
                (client, out) -> {
                    lines(out, "");
                    untilItGoes(client);
                },
                (_, out) -> {
                    lines(out, "a", 100);
                    status(out, 0, "");
                })) {
            assertThat(heard(watch)).containsExactly("a100");
        }
    }

    @Test
    void whatIsRefusedAtFirstIsRefused() throws Exception {
        try (var watch = watch((_, out) -> status(out, 14, "machine m is away"))) {
            assertThatThrownBy(() -> heard(watch)).isInstanceOf(RefusedException.class).hasMessage("machine m is away");
        }
    }
}
