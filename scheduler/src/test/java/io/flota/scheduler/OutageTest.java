package io.flota.scheduler;

import static io.flota.scheduler.TestCluster.start;
import static io.flota.scheduler.TestCluster.submit;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.flota.api.v1.ClusterGrpc;
import io.flota.api.v1.ListUnitsReply;
import io.flota.api.v1.ListUnitsRequest;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// What operators see while etcd is away.
class OutageTest {
    private static final Duration SHORT_TTL = Duration.ofSeconds(2);
    private static final Duration SETTLE = Duration.ofSeconds(2);
    private static final String[] WEB = {"[Service]", "ExecStart=/bin/true"};

    private final TestCluster cluster = new TestCluster();

    @AfterEach
    void close() {
        cluster.close();
    }

    private static boolean isStale(Api api) {
        return api.list().getFreshness().getStaleSinceMillis() > 0;
    }

    private static boolean isActive(Api api, String unit) {
        var machines = api.unit(unit).getMachinesList();
        return machines.size() == 1 && machines.getFirst().getState().getActive().equals("active");
    }

    @Test
    void readsAreAnsweredFromTheLastViewAndWritesSayWhatIsWrong() {
        cluster.machine(1);
        var api = cluster.lean(cluster.scheduler("one", SHORT_TTL, SETTLE));
        awaitWritable(api);
        api.apply(start("web.service", WEB));
        await().until(() -> isActive(api, "web.service"));

        cluster.etcd().kill();
        await().until(() -> isStale(api));

        var freshness = api.list().getFreshness();
        assertThat(freshness.getStaleReason()).contains(cluster.etcd().endpoint().toString());
        assertThat(isActive(api, "web.service")).isTrue();
        assertThatThrownBy(() -> api.apply(submit("late.service", WEB)))
                .hasMessageStartingWith("UNAVAILABLE: etcd cannot be reached since 20")
                .hasMessageEndingWith("units run on, but nothing can be changed until it is back")
                .satisfies(e -> assertThat(e.getMessage().lines()).hasSize(1));
        assertThatThrownBy(() -> api.destroy("web.service")).hasMessageStartingWith("UNAVAILABLE: ");

        cluster.etcd().restart();
        await().until(() -> !isStale(api));

        api.apply(start("late.service", WEB));
        await().atMost(Duration.ofSeconds(20)).until(() -> isActive(api, "late.service"));
        assertThat(isActive(api, "web.service")).isTrue();
    }

    private static void awaitWritable(Api api) {
        await().ignoreExceptions().until(() -> !isStale(api));
    }

    @Test
    void aSchedulerThatStartsWithoutEtcdSaysSoAndWorksOnceItIsThere() {
        cluster.etcd().kill();
        var api = cluster.grpc(cluster.scheduler("one", SHORT_TTL, SETTLE));

        assertThatThrownBy(api::list)
                .hasMessageStartingWith("UNAVAILABLE: etcd cannot be reached since 20")
                .hasMessageEndingWith("this scheduler knows nothing of the cluster yet");

        cluster.etcd().restart();
        awaitWritable(api);
        cluster.machine(1);
        api.apply(start("web.service", WEB));
        await().atMost(Duration.ofSeconds(20)).until(() -> isActive(api, "web.service"));
    }

    @Test
    void aWatcherIsToldOfTheOutageAndOfItsEnd() throws InterruptedException {
        var api = cluster.lean(cluster.scheduler("one", SHORT_TTL, SETTLE));
        awaitWritable(api);

        try (var replies = api.open(ClusterGrpc.getWatchUnitsMethod(), ListUnitsRequest.getDefaultInstance())) {
            assertThat(next(replies).getFreshness().getStaleSinceMillis()).isZero();

            cluster.etcd().kill();
            assertThat(next(replies).getFreshness().getStaleSinceMillis()).isPositive();

            cluster.etcd().restart();
            assertThat(next(replies).getFreshness().getStaleSinceMillis()).isZero();
        }
    }

    private static ListUnitsReply next(Api.Replies<ListUnitsReply> replies) throws InterruptedException {
        var reply = replies.queue().poll(20, TimeUnit.SECONDS);
        assertThat(reply).as("the next reply; ended: %s", replies.end()).isNotNull();
        return reply;
    }
}
