package io.flota.scheduler;

import static io.flota.scheduler.TestCluster.start;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import io.flota.api.v1.AgentGrpc;
import io.flota.api.v1.Answer;
import io.flota.api.v1.ClusterGrpc;
import io.flota.api.v1.ExecCommand;
import io.flota.api.v1.ExecEnd;
import io.flota.api.v1.ExecReply;
import io.flota.api.v1.ExecRequest;
import io.flota.api.v1.ExecStart;
import io.flota.api.v1.ListMachinesRequest;
import io.flota.scheduler.api.CarrierClient;
import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.net.Socket;
import java.time.Duration;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// The way of an operator through a scheduler into a unit.
class ExecTest extends TowardsAgents {
    private static final int PIECES = 3000;
    private static final ByteString PIECE = ByteString.copyFrom(new byte[32 * 1024]);

    private final AtomicLong visitors = new AtomicLong();
    private int port;

    /// Gives back what it gets, and ends when that ends; takes nothing for a unit that is called "deaf".
    private final class Echo extends AgentGrpc.AgentImplBase {
        private volatile boolean isRefused;

        @Override
        public StreamObserver<ExecRequest> exec(StreamObserver<ExecReply> observer) {
            var client = (ServerCallStreamObserver<ExecReply>) observer;
            visitors.incrementAndGet();
            client.disableAutoRequest();
            client.request(1);
            client.setOnCancelHandler(visitors::decrementAndGet);
            return new StreamObserver<>() {
                @Override
                public void onNext(ExecRequest request) {
                    switch (request.getContentCase()) {
                        case START -> begin(request.getStart(), client);
                        case INPUT -> client.onNext(
                                ExecReply.newBuilder().setOutput(request.getInput()).build());
                        case INPUT_END -> end(client);
                        case SIZE, GRANT, CONTENT_NOT_SET -> client.onNext(ExecReply.getDefaultInstance());
                    }
                }

                @Override
                public void onError(Throwable gone) {}

                @Override
                public void onCompleted() {
                    end(client);
                }
            };
        }

        private void begin(ExecStart start, ServerCallStreamObserver<ExecReply> client) {
            if (start.getUnit().startsWith("down")) {
                isRefused = true;
                client.onError(Status.FAILED_PRECONDITION
                        .withDescription("unit " + start.getUnit() + " is not running")
                        .asRuntimeException());
                return;
            }
            client.onNext(ExecReply.newBuilder().setGrant(1 << 20).build());
            if (!start.getUnit().startsWith("deaf")) {
                client.request(Integer.MAX_VALUE);
            }
        }

        private void end(ServerCallStreamObserver<ExecReply> client) {
            if (isRefused) {
                return;
            }
            visitors.decrementAndGet();
            client.onNext(ExecReply.newBuilder().setEnd(ExecEnd.newBuilder().setStatus(3)).build());
            client.onCompleted();
        }
    }

    /// Of before units could be entered.
    private static final class OldAgent extends AgentGrpc.AgentImplBase {}

    @BeforeEach
    void lead() {
        var scheduler = cluster.scheduler("one");
        port = scheduler.port();
        lead(cluster.grpc(scheduler));
    }

    private static ExecRequest startIn(String unit, String machine) {
        return ExecRequest.newBuilder()
                .setStart(ExecStart.newBuilder()
                        .setUnit(unit)
                        .setMachineId(machine)
                        .setCommand(ExecCommand.newBuilder().addWords("cat")))
                .build();
    }

    private static ExecRequest input(ByteString bytes) {
        return ExecRequest.newBuilder().setInput(bytes).build();
    }

    /// By the lean carrier.
    private Socket enter(String unit) throws IOException {
        return new CarrierClient(port).send("flota.v1.Cluster/Exec", startIn(unit, "").toByteString());
    }

    private static void say(Socket socket, ExecRequest request) throws IOException {
        request.writeDelimitedTo(socket.getOutputStream());
    }

    @Test
    void aConversationGoesBothWaysToItsEnd() throws Exception {
        cluster.machine(1, agent(new Echo()));
        everywhere("web.service", 1);
        try (var socket = enter("web.service")) {
            for (int i = 0; i < 3; i++) {
                say(socket, input(ByteString.copyFromUtf8("word" + i)));
            }
            say(socket, ExecRequest.getDefaultInstance());
            say(socket, ExecRequest.newBuilder().setInputEnd(true).build());

            var said = new CopyOnWriteArrayList<ExecReply>();
            var status = CarrierClient.answers(socket, bytes -> said.add(ExecReply.parseFrom(bytes)));

            assertThat(status.isOk()).isTrue();
            assertThat(said).extracting(ExecReply::getOutput).extracting(ByteString::toStringUtf8).contains("word0", "word1", "word2");
            assertThat(said).contains(ExecReply.getDefaultInstance());
            assertThat(said.getLast().getEnd().getStatus()).isEqualTo(3);
        }
        await().until(() -> visitors.get() == 0);
    }

    /// A hundred megabytes that nobody reads at first: what is not read is not sent, and none of it is lost.
    @Test
    void whatTheClientDoesNotReadHoldsUpWhoeverSendsIt() throws Exception {
        cluster.machine(1, agent(new Echo()));
        everywhere("web.service", 1);
        try (var socket = enter("web.service")) {
            var sender = untilHeldUp(socket);

            var received = new AtomicLong();
            var status = CarrierClient.answers(
                    socket, bytes -> received.addAndGet(ExecReply.parseFrom(bytes).getOutput().size()));

            assertThat(status.isOk()).isTrue();
            assertThat(received).hasValue((long) PIECES * PIECE.size());
            sender.join();
        }
    }

    @Test
    void whatTheAgentDoesNotTakeHoldsUpTheClient() throws Exception {
        cluster.machine(1, agent(new Echo()));
        everywhere("deaf.service", 1);
        try (var socket = enter("deaf.service")) {
            untilHeldUp(socket);
        }
    }

    /// Says a hundred megabytes, until less than half of it has gone and no more goes.
    private static Thread untilHeldUp(Socket socket) {
        var sent = new AtomicLong();
        var sender = Thread.ofVirtual().start(() -> {
            try {
                for (int i = 0; i < PIECES; i++) {
                    say(socket, input(PIECE));
                    sent.addAndGet(PIECE.size());
                }
                say(socket, ExecRequest.newBuilder().setInputEnd(true).build());
            } catch (IOException _) {
                return; // the test is over
            }
        });
        var before = new AtomicLong(-1);
        await().pollInterval(Duration.ofMillis(300)).until(() -> before.getAndSet(sent.get()) == sent.get());
        assertThat(sent.get()).isPositive().isLessThan((long) PIECES * PIECE.size() / 2);
        return sender;
    }

    @Test
    void grpcClientsHaveTheSame() throws Exception {
        cluster.machine(1, agent(new Echo()));
        everywhere("web.service", 1);

        try (var replies = api.open(ClusterGrpc.getExecMethod(), startIn("web.service", ""))) {
            assertThat(end(replies).isOk()).isTrue();
            assertThat(replies.queue()).last().extracting(reply -> reply.getEnd().getStatus()).isEqualTo(3);
        }
    }

    @Test
    void aClientThatGoesTakesItsVisitWithIt() throws Exception {
        cluster.machine(1, agent(new Echo()));
        everywhere("web.service", 1);
        try (var socket = enter("web.service")) {
            assertThat(Answer.parseDelimitedFrom(socket.getInputStream())).isNotNull();
            assertThat(visitors).hasValue(1);
        }
        await().until(() -> visitors.get() == 0);
    }

    @Test
    void anAgentThatGoesIsNamed() throws Exception {
        cluster.machine(1, agent(new Echo()));
        everywhere("web.service", 1);
        try (var socket = enter("web.service")) {
            assertThat(Answer.parseDelimitedFrom(socket.getInputStream())).isNotNull();

            agentsGo();

            var status = CarrierClient.answers(socket, _ -> {});
            assertThat(status.getCode()).isEqualTo(Status.Code.UNAVAILABLE);
            assertThat(status.getDescription())
                    .startsWith("lost machine 00000000 (agent 127.0.0.1:")
                    .contains(") while something ran inside web.service: ");
        }
    }

    @Test
    void whatCannotBeEnteredSaysWhyInOneLine() throws Exception {
        cluster.machine(1, agent(new Echo()));
        cluster.machine(2, UNREACHABLE);
        cluster.machine(3, agent(new OldAgent()));
        everywhere("web.service", 3);
        everywhere("down.service", 3);

        assertRefused("none.service", "", Status.Code.NOT_FOUND, "unit none.service is not registered");
        assertRefused("web.service", "", Status.Code.FAILED_PRECONDITION,
                "unit web.service is on several machines, choose one with --machine: 00000000, 00000000, 00000000");
        assertRefused("down.service", FakeAgent.id(1).value(), Status.Code.FAILED_PRECONDITION,
                "unit down.service is not running");
        assertRefused("web.service", FakeAgent.id(2).value(), Status.Code.UNAVAILABLE,
                "cannot reach machine 00000000 (agent 127.0.0.1:1) to enter web.service: ");
        assertRefused("web.service", FakeAgent.id(3).value(), Status.Code.FAILED_PRECONDITION,
                "has an agent that is too old to enter web.service: upgrade it");
        assertRefused("bad name", "", Status.Code.INVALID_ARGUMENT, "\"bad name\": ");
    }

    @Test
    void aMachineThatIsLostIsNamed() throws Exception {
        var lost = cluster.machine(1, agent(new Echo()));
        everywhere("web.service", 1);
        lost.die();
        await().until(() -> api.ask(ClusterGrpc.getListMachinesMethod(), ListMachinesRequest.getDefaultInstance())
                        .getMachinesCount()
                == 0);

        assertRefused("web.service", "", Status.Code.UNAVAILABLE,
                "machine 00000000 is away, and with it unit web.service");
    }

    private void assertRefused(String unit, String machine, Status.Code code, String words) throws Exception {
        try (var replies = api.open(ClusterGrpc.getExecMethod(), startIn(unit, machine))) {
            var status = end(replies);
            assertThat(status.getDescription()).contains(words);
            assertThat(status.getDescription().lines()).hasSize(1);
            assertThat(status.getCode()).isEqualTo(code);
        }
    }
}
