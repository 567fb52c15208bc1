package io.flota.scheduler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.flota.api.v1.AgentGrpc;
import io.flota.api.v1.ClusterGrpc;
import io.flota.api.v1.JournalLine;
import io.flota.api.v1.JournalReply;
import io.flota.api.v1.JournalRequest;
import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// The way of a unit's output from agents through a scheduler.
class JournalTest extends TowardsAgents {
    private final AtomicBoolean followed = new AtomicBoolean();

    /// Tells two lines of each unit but those it does not know, and goes on for followers.
    private final class Output extends AgentGrpc.AgentImplBase {
        private final String machine;

        Output(String machine) {
            this.machine = machine;
        }

        @Override
        public void journal(JournalRequest request, StreamObserver<JournalReply> client) {
            if (request.getUnit().startsWith("new")) {
                client.onError(Status.NOT_FOUND.withDescription("no such unit here").asRuntimeException());
                return;
            }
            for (int i = 1; i <= 2; i++) {
                var line = JournalLine.newBuilder().setText(machine + " line " + i).setTimeMicros(i);
                client.onNext(JournalReply.newBuilder().addLines(line).build());
            }
            if (request.getFollow()) {
                ((ServerCallStreamObserver<JournalReply>) client).setOnCancelHandler(() -> followed.set(false));
                followed.set(true);
            } else {
                client.onCompleted();
            }
        }
    }

    @BeforeEach
    void lead() {
        lead(cluster.lean(cluster.scheduler("one")));
    }

    private Api.Replies<JournalReply> journal(JournalRequest.Builder request) {
        return api.open(ClusterGrpc.getJournalMethod(), request.build());
    }

    private static JournalRequest.Builder of(String unit) {
        return JournalRequest.newBuilder().setUnit(unit);
    }

    private static List<String> lines(Api.Replies<JournalReply> replies) {
        return replies.queue().stream()
                .flatMap(reply -> reply.getLinesList().stream())
                .map(JournalLine::getText)
                .toList();
    }

    @Test
    void theOutputOfAllMachinesComesTogether() throws Exception {
        cluster.machine(1, agent(new Output("a")));
        cluster.machine(2, agent(new Output("b")));
        everywhere("web.service", 2);

        try (var replies = journal(of("web.service"))) {
            assertThat(end(replies).isOk()).isTrue();
            assertThat(lines(replies)).containsExactlyInAnyOrder("a line 1", "a line 2", "b line 1", "b line 2");
            assertThat(replies.queue())
                    .extracting(JournalReply::getMachineId)
                    .containsOnly(FakeAgent.id(1).value(), FakeAgent.id(2).value());
        }
    }

    @Test
    void oneMachineMayBeChosenByThePrefixOfItsId() throws Exception {
        cluster.machine(1, agent(new Output("a")));
        cluster.machine(2, agent(new Output("b")));
        everywhere("web.service", 2);

        try (var replies = journal(of("web.service").setMachineId(FakeAgent.id(2).value()))) {
            assertThat(end(replies).isOk()).isTrue();
            assertThat(lines(replies)).containsExactly("b line 1", "b line 2");
        }
        try (var replies = journal(of("web.service").setMachineId("ff"))) {
            assertThat(end(replies).getDescription())
                    .isEqualTo("unit web.service is on no machine whose id starts with \"ff\"");
        }
    }

    @Test
    void anAgentThatCannotBeReachedIsNamedAndHoldsUpNobody() throws Exception {
        cluster.machine(1, UNREACHABLE);
        cluster.machine(2, agent(new Output("b")));
        everywhere("web.service", 2);

        try (var replies = journal(of("web.service"))) {
            var status = end(replies);

            assertThat(lines(replies)).containsExactly("b line 1", "b line 2");
            assertThat(status.getCode()).isEqualTo(Status.Code.UNAVAILABLE);
            assertThat(status.getDescription())
                    .startsWith("cannot reach machine 00000000 (agent 127.0.0.1:1) for the journal of web.service: ")
                    .contains("Connection refused");
        }
    }

    @Test
    void whatAnAgentRefusesIsPassedOn() throws Exception {
        cluster.machine(1, agent(new Output("a")));
        everywhere("new.service", 1);

        try (var replies = journal(of("new.service"))) {
            assertThat(end(replies).getDescription())
                    .endsWith("cannot tell the journal of new.service: no such unit here");
        }
    }

    @Test
    void aFollowerThatGoesIsFollowedNoMore() throws Exception {
        cluster.machine(1, agent(new Output("a")));
        everywhere("web.service", 1);

        try (var replies = journal(of("web.service").setFollow(true))) {
            await().until(() -> lines(replies).size() == 2);
            assertThat(followed).isTrue();
        }

        await().untilFalse(followed);
    }
}
