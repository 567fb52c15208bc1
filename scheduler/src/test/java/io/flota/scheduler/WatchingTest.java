package io.flota.scheduler;

import static io.flota.scheduler.TestCluster.start;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.common.util.concurrent.Uninterruptibles;
import io.flota.api.v1.AgentGrpc;
import io.flota.api.v1.ClusterGrpc;
import io.flota.api.v1.JournalLine;
import io.flota.api.v1.JournalReply;
import io.flota.api.v1.JournalRequest;
import io.flota.api.v1.UnitDetails;
import io.flota.api.v1.UnitIntent;
import io.flota.api.v1.UnitOnMachine;
import io.flota.api.v1.UnitUsage;
import io.flota.api.v1.UsageReply;
import io.flota.api.v1.UsageRequest;
import io.flota.scheduler.api.GrpcListener;
import io.grpc.InsecureServerCredentials;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Many units of many machines, watched by one call.
class WatchingTest {
    private static final String RUN = "ExecStart=/bin/true";

    private final TestCluster cluster = new TestCluster();
    private final List<GrpcListener> agents = new CopyOnWriteArrayList<>();
    private final List<UsageRequest> asked = new CopyOnWriteArrayList<>();
    private final CountDownLatch hurry = new CountDownLatch(1);
    private Api api;

    /// Knows what each unit wrote long ago, and has it write one line once it is followed.
    private final class Output extends AgentGrpc.AgentImplBase {
        private final String machine;

        Output(String machine) {
            this.machine = machine;
        }

        @Override
        public void journal(JournalRequest request, StreamObserver<JournalReply> client) {
            if (request.getFollow()) {
                long now = ChronoUnit.MICROS.between(Instant.EPOCH, Instant.now());
                client.onNext(line(request, "goes on", now));
            } else {
                client.onNext(line(request, "was", 1));
                client.onCompleted();
            }
        }

        private JournalReply line(JournalRequest request, String verb, long micros) {
            return JournalReply.newBuilder()
                    .addLines(JournalLine.newBuilder()
                            .setText(request.getUnit() + " " + verb + " on " + machine)
                            .setTimeMicros(micros))
                    .build();
        }

        @Override
        public void usage(UsageRequest request, StreamObserver<UsageReply> client) {
            asked.add(request);
            if (machine.equals("slow")) {
                Uninterruptibles.awaitUninterruptibly(hurry);
            }
            var reply = UsageReply.newBuilder();
            request.getNamesList().forEach(name -> reply.addUnits(UnitUsage.newBuilder()
                    .setUnit(name)
                    .setAtNanos(7)
                    .setDetails(UnitDetails.newBuilder().setTasks(3))));
            client.onNext(reply.build());
            client.onCompleted();
        }
    }

    private FakeAgent machine(int number, String name) throws IOException {
        var listener = new GrpcListener(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                InsecureServerCredentials.create(),
                new Output(name).bindService());
        agents.add(listener);
        return cluster.machine(number, "127.0.0.1:" + listener.port());
    }

    @BeforeEach
    void lead() {
        var lean = cluster.lean(cluster.scheduler("one"));
        await().ignoreExceptions().until(() -> lean.list().getFreshness().getStaleSinceMillis() == 0);
        api = lean;
    }

    @AfterEach
    void close() {
        hurry.countDown();
        cluster.close();
        agents.forEach(GrpcListener::close);
    }

    private void running(String... units) {
        running(Stream.of(units).map(unit -> start(unit, "[Service]", RUN)).toArray(UnitIntent[]::new));
    }

    private void running(UnitIntent... units) {
        List.of(units).forEach(api::apply);
        await().until(() -> Stream.of(units).allMatch(unit -> api.unit(unit.getName()).getMachinesList().stream()
                .anyMatch(UnitOnMachine::hasState)));
    }

    private Api.Replies<JournalReply> journal(JournalRequest.Builder request) {
        return api.open(ClusterGrpc.getJournalMethod(), request.setLines(10).build());
    }

    private static List<String> lines(Api.Replies<JournalReply> replies) {
        return replies.queue().stream()
                .flatMap(reply -> reply.getLinesList().stream())
                .map(JournalLine::getText)
                .toList();
    }

    @Test
    void severalUnitsAreReadByNamesAndPatterns() throws Exception {
        machine(1, "a");
        running("web@1.service", "web@2.service", "db.service", "other.service");

        try (var replies = journal(JournalRequest.newBuilder().addPatterns("web@*").addNames("db.service"))) {
            assertThat(replies.end().poll(30, TimeUnit.SECONDS)).matches(Status::isOk);
            assertThat(lines(replies)).containsExactlyInAnyOrder(
                    "web@1.service was on a", "web@2.service was on a", "db.service was on a");
        }
    }

    @Test
    void whatIsNotThereIsRefusedAndWhatCannotBeReadIsToldInTheEnd() throws Exception {
        cluster.machine(1, "127.0.0.1:1");
        running("web@1.service", "web@2.service");

        try (var replies = journal(JournalRequest.newBuilder().addNames("ghost.service").addPatterns("web@*"))) {
            assertThat(replies.end().poll(30, TimeUnit.SECONDS).getDescription())
                    .isEqualTo("unit ghost.service is not registered");
        }
        try (var replies = journal(JournalRequest.newBuilder().addPatterns("web@*").addPatterns("x*"))) {
            assertThat(replies.end().poll(30, TimeUnit.SECONDS).getDescription().lines().toList())
                    .satisfiesExactly(
                            first -> assertThat(first).isEqualTo("no registered unit matches \"x*\""),
                            second -> assertThat(second).startsWith(
                                    "cannot reach machine 00000000 (agent 127.0.0.1:1) for the journal of web@1.service,"
                                            + " web@2.service: "));
        }
    }

    @Test
    void unitsThatMoveOrComeLaterAreFollowedToWhereTheyRun() throws Exception {
        var first = machine(1, "a");
        running("web@1.service");

        try (var replies = journal(JournalRequest.newBuilder().addPatterns("web@*").setFollow(true))) {
            await().until(() -> lines(replies).size() == 2);
            assertThat(lines(replies)).containsExactly("web@1.service was on a", "web@1.service goes on on a");
            assertThat(replies.queue().stream().filter(JournalReply::getCaughtUp)).hasSize(1);
            machine(2, "b");
            agents.getFirst().close();
            first.die();

            await().until(() -> lines(replies).contains("web@1.service goes on on b"));
            running("web@2.service", "other.service");
            await().until(() -> lines(replies).contains("web@2.service goes on on b"));

            assertThat(lines(replies)).hasSize(4);
            assertThat(replies.queue().stream().map(JournalReply::getNotice).filter(it -> !it.isEmpty()))
                    .singleElement()
                    .asString()
                    .startsWith("machine 00000000 ")
                    .endsWith(": its units are followed where they run next");
            assertThat(replies.end()).isEmpty();
        }
    }

    @Test
    void oneUnitIsFollowedUntilItIsDestroyed() throws Exception {
        machine(1, "a");
        running("web@1.service");

        try (var replies = journal(JournalRequest.newBuilder().setUnit("web@1.service").setFollow(true))) {
            await().until(() -> lines(replies).contains("web@1.service goes on on a"));
            api.destroy("web@1.service");
            await().until(() -> api.list().getUnitsCount() == 0);
            assertThat(replies.end()).as("its agent has not ended the journal").isEmpty();
            agents.getFirst().close();

            assertThat(replies.end().poll(30, TimeUnit.SECONDS)).matches(Status::isOk);
        }
    }

    @Test
    void eachMachineIsAskedOnceForWhatAllOfItsUnitsUse() throws Exception {
        machine(1, "a");
        running("web@1.service", "web@2.service", "other.service");

        var request = UsageRequest.newBuilder().addPatterns("web@*").setIntervalMillis(200).build();
        try (var replies = api.open(ClusterGrpc.getUsageMethod(), request)) {
            var told = replies.queue().poll(30, TimeUnit.SECONDS);
            await().until(() -> !replies.queue().isEmpty());

            assertThat(told.getUnitsList()).extracting(UnitUsage::getUnit).containsExactly("web@1.service", "web@2.service");
            assertThat(told.getUnits(0).getMachineId()).isEqualTo(FakeAgent.id(1).value());
            assertThat(told.getUnits(0).getActive()).isEqualTo("active");
            assertThat(told.getUnits(0).getDetails().getTasks()).isEqualTo(3);
            assertThat(asked.getFirst().getNamesList()).containsExactly("web@1.service", "web@2.service");
        }
    }

    @Test
    void aMachineThatTakesLongIsNotAskedAgainMeanwhileAndHoldsUpNobody() throws Exception {
        machine(1, "slow");
        running("web@1.service");
        machine(2, "b");
        running(start("web@2.service", "[Service]", RUN, "[X-Fleet]", "MachineID=" + FakeAgent.id(2).value()));

        var request = UsageRequest.newBuilder().addPatterns("web@*").setIntervalMillis(200).build();
        try (var replies = api.open(ClusterGrpc.getUsageMethod(), request)) {
            await().atMost(30, TimeUnit.SECONDS).until(() -> replies.queue().size() >= 3);
            assertThat(replies.queue()).allSatisfy(told -> {
                assertThat(told.getProblemsList()).containsExactly("machine 00000000 has not answered within 3 s");
                assertThat(told.getUnitsList()).extracting(UnitUsage::hasDetails).containsExactly(false, true);
            });
            assertThat(asked).filteredOn(it -> it.getNamesList().contains("web@1.service")).hasSize(1);

            hurry.countDown();

            await().until(() -> replies.queue().stream().anyMatch(told -> told.getUnits(0).hasDetails()));
        }
    }

    @Test
    void aMachineThatCannotBeAskedIsAProblemAndItsUnitsAreToldAsFarAsTheyAreKnown() throws Exception {
        cluster.machine(1, "127.0.0.1:1");
        running("web@1.service");

        try (var replies = api.open(ClusterGrpc.getUsageMethod(), UsageRequest.getDefaultInstance())) {
            var told = replies.queue().poll(30, TimeUnit.SECONDS);

            assertThat(told.getProblems(0)).startsWith("cannot ask machine 00000000 (agent 127.0.0.1:1): ");
            assertThat(told.getUnits(0).getActive()).isEqualTo("active");
            assertThat(told.getUnits(0).hasDetails()).isFalse();
        }
    }
}
