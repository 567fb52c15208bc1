package io.flota.scheduler;

import static io.flota.scheduler.TestCluster.KEYS;
import static io.flota.scheduler.TestCluster.start;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.flota.api.v1.ClusterGrpc;
import io.flota.api.v1.EventRecord;
import io.flota.api.v1.EventsRequest;
import io.flota.api.v1.ListMachinesRequest;
import io.flota.loop.World;
import io.flota.registry.Codec;
import io.flota.registry.EventLog;
import io.flota.registry.Happening;
import io.flota.store.Store;
import io.flota.store.StoreException;
import io.flota.store.Transaction;
import io.flota.testing.TcpRelay;
import io.flota.unit.UnitName;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/// What leaders tell, and how clients of a scheduler hear it.
class EventsTest {
    private static final String[] WEB = {"[Service]", "ExecStart=/bin/true"};

    private final TestCluster cluster = new TestCluster();

    @AfterEach
    void close() {
        cluster.close();
    }

    private static List<EventRecord> read(Api api, EventsRequest.Builder request) {
        var events = new ArrayList<EventRecord>();
        try (var replies = api.open(ClusterGrpc.getEventsMethod(), request.build())) {
            await().until(() -> !replies.end().isEmpty());
            replies.queue().forEach(reply -> events.addAll(reply.getEventsList()));
            assertThat(replies.end().element().isOk()).as("%s", replies.end()).isTrue();
        }
        return events;
    }

    private static EventsRequest.Builder all() {
        return EventsRequest.newBuilder().setLast(-1);
    }

    /// As `kind subject`.
    private static String brief(EventRecord event) {
        return event.getKind().name().replace("EVENT_KIND_", "")
                + (event.getUnit().isEmpty() ? "" : " " + event.getUnit());
    }

    /// The API, whichever way it is asked.
    abstract class Contract {
        abstract Api open(Scheduler scheduler);

        @Test
        void aClusterTellsWhatItDecidesAndWhatBecomesOfMachines() {
            var api = open(cluster.scheduler("one"));
            var first = cluster.machine(1);
            await().ignoreExceptions().until(() -> api.list().getFreshness().getRevision() > 0);
            api.apply(start("web.service", WEB));
            await().until(() -> api.unit("web.service").getMachinesCount() == 1);
            var second = cluster.machine(2);
            first.die();
            await().until(() -> read(api, all()).stream().anyMatch(event -> brief(event).startsWith("MOVED")));
            api.destroy("web.service");
            await().until(() -> read(api, all()).stream().anyMatch(event -> brief(event).startsWith("REMOVED")));

            var events = read(api, all());

            assertThat(events)
                    .extracting(EventsTest::brief)
                    .containsExactly(
                            "LEADER_CHANGED", "PLACED web.service", "MACHINE_LOST", "MOVED web.service",
                            "REMOVED web.service");
            assertThat(events.get(3).getMachineId()).isEqualTo(second.id().value());
            assertThat(events.get(3).getReason()).startsWith("from " + first.id().shortened() + ": ");
            assertThat(events).extracting(EventRecord::getSource).containsOnly("one");
            assertThat(events.get(1).getPlacementId()).isNotEmpty();
            assertThat(read(api, all().addMachineIds(first.id().value())))
                    .extracting(EventsTest::brief)
                    .containsExactly("PLACED web.service", "MACHINE_LOST");
            assertThat(read(api, all().setLast(2).addUnits("w*.service")))
                    .extracting(EventsTest::brief)
                    .containsExactly("MOVED web.service", "REMOVED web.service");
        }

        @Test
        void whoFollowsHearsOfEachEventOnce() {
            var api = open(cluster.scheduler("one"));
            cluster.machine(1);
            await().ignoreExceptions().until(() -> read(api, all()).size() == 1);

            try (var replies = api.open(
                    ClusterGrpc.getEventsMethod(),
                    EventsRequest.newBuilder().setLast(5).setFollow(true).build())) {
                api.apply(start("web.service", WEB));
                api.apply(start("api.service", WEB));
                var heard = new ArrayList<String>();
                await().until(() -> {
                    var some = new ArrayList<io.flota.api.v1.EventsReply>();
                    replies.queue().drainTo(some);
                    some.forEach(reply -> reply.getEventsList().forEach(event -> heard.add(brief(event))));
                    return heard.size() >= 3;
                });

                assertThat(heard).containsExactly("LEADER_CHANGED", "PLACED web.service", "PLACED api.service");
            }
        }

        @Test
        void aRequestThatCanNeverMatchIsRefused() {
            var api = open(cluster.scheduler("one"));

            try (var replies = api.open(
                    ClusterGrpc.getEventsMethod(),
                    all().addUnits("web[").addMachineIds("xyz").build())) {
                await().until(() -> !replies.end().isEmpty());

                assertThat(replies.end().element().getDescription())
                        .contains("web[")
                        .contains("\"xyz\" is no machine id");
            }
        }
    }

    @Nested
    class ByGrpc extends Contract {
        @Override
        Api open(Scheduler scheduler) {
            return cluster.grpc(scheduler);
        }
    }

    @Nested
    class ByTheLeanCarrier extends Contract {
        @Override
        Api open(Scheduler scheduler) {
            return cluster.lean(scheduler);
        }
    }

    @Test
    void anotherLeaderTellsThatItLeadsAndNothingTwice() {
        var one = cluster.scheduler("one");
        var first = cluster.machine(1);
        cluster.machine(2);
        await().ignoreExceptions().until(() -> read(cluster.lean(one), all()).size() == 1);
        var api = cluster.lean(cluster.scheduler("two"));
        await().ignoreExceptions()
                .until(() -> api.ask(ClusterGrpc.getListMachinesMethod(), ListMachinesRequest.getDefaultInstance())
                                .getMachinesCount()
                        == 2);
        first.die();
        await().until(() -> read(api, all()).stream().anyMatch(event -> brief(event).equals("MACHINE_LOST")));

        one.close();
        await().until(() -> read(api, all()).stream().filter(event -> event.getSource().equals("two")).count() == 1);
        cluster.machine(1);
        await().until(() -> read(api, all()).stream().anyMatch(event -> brief(event).equals("MACHINE_RETURNED")));

        var events = read(api, all());
        assertThat(events)
                .extracting(event -> event.getSource() + " " + brief(event))
                .containsExactly(
                        "one LEADER_CHANGED", "one MACHINE_LOST", "two LEADER_CHANGED", "two MACHINE_RETURNED");
        assertThat(events.get(2).getReason()).isEqualTo("scheduler two leads, and one no longer");
    }

    /// The scheduler's way to etcd breaks while events are written.
    @Test
    void whoFollowsMissesNothingThoughTheWatchBreaks() throws StoreException {
        try (var relay = new TcpRelay(cluster.etcd().endpoint())) {
            var scheduler =
                    cluster.scheduler("one", Duration.ofSeconds(60), Duration.ofSeconds(6), relay.endpoint());
            var api = cluster.lean(scheduler);
            await().ignoreExceptions().until(() -> read(api, all()).size() == 1);
            var store = cluster.store();
            var log = new EventLog(store, World.REAL);
            try (var replies = api.open(
                    ClusterGrpc.getEventsMethod(), all().addUnits("n@*").setFollow(true).build())) {
                for (int i = 0; i < 30; i++) {
                    switch (i) {
                        case 10 -> relay.cut();
                        case 20 -> relay.mend();
                        default -> {}
                    }
                    tell(store, log, "n@" + i + ".service");
                }
                var heard = new ArrayList<String>();
                await().until(() -> {
                    var reply = replies.queue().poll();
                    if (reply != null) {
                        reply.getEventsList().forEach(event -> heard.add(event.getUnit()));
                    }
                    return heard.contains("n@29.service");
                });

                assertThat(heard).hasSize(30).doesNotHaveDuplicates();
            }
        }
    }

    private static void tell(Store store, EventLog log, String unit) throws StoreException {
        var happening = new Happening(
                Instant.now(), Happening.Kind.STARTED, Optional.of(new UnitName(unit)), Optional.empty(), "test", "test",
                "");
        var event = log.draft(happening).event().orElseThrow();
        store.commit(Transaction.of(List.of(), List.of(
                new Codec(KEYS).encode(event.id(), happening, log.lease().orElseThrow().id()))));
    }
}
