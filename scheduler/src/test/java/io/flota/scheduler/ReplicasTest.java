package io.flota.scheduler;

import static io.flota.scheduler.TestCluster.start;
import static io.flota.scheduler.TestCluster.submit;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.flota.api.v1.UnitIntent;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Every replica takes every call, and operators need not care which they ask.
class ReplicasTest {
    private static final int CALLS = 20;
    private static final String[] WEB = {"[Service]", "ExecStart=/bin/true"};

    private final TestCluster cluster = new TestCluster();
    private Api one;
    private Api two;

    @BeforeEach
    void serve() {
        one = cluster.lean(cluster.scheduler("one"));
        two = cluster.lean(cluster.scheduler("two"));
        await().ignoreExceptions().until(() -> !isStale(one) && !isStale(two));
    }

    @AfterEach
    void close() {
        cluster.close();
    }

    private static boolean isStale(Api api) {
        return api.list().getFreshness().getStaleSinceMillis() > 0;
    }

    private static Void restart(Api api, String... units) {
        var intents = new ArrayList<UnitIntent>();
        for (String unit : units) {
            intents.add(UnitIntent.newBuilder().setName(unit).setRestart(true).build());
        }
        api.apply(intents.toArray(UnitIntent[]::new));
        return null;
    }

    @Test
    void whatOneHasWrittenTheOtherKnowsWhenItIsAskedToChangeIt() {
        for (int i = 0; i < CALLS; i++) {
            one.apply(submit("web.service", WEB));
            two.destroy("web.service");
            assertThatThrownBy(() -> two.destroy("web.service")).hasMessageStartingWith("NOT_FOUND");
        }
    }

    @Test
    void operatorsAtBothMayChangeTheSameUnitsAtOnce() throws Exception {
        cluster.machine(1);
        one.apply(start("a.service", WEB), start("b.service", WEB));
        await().until(() -> two.list().getUnitsCount() == 2);
        var calls = new ArrayList<Future<Void>>();

        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (var api : List.of(one, two)) {
                calls.add(threads.submit(() -> {
                    for (int i = 0; i < CALLS; i++) {
                        restart(api, "a.service", "b.service");
                    }
                    return null;
                }));
            }
        }

        for (var call : calls) {
            call.get(); // none was refused
        }
        long generation = one.unit("a.service").getGeneration();
        assertThat(generation).isBetween(1L + CALLS, 1L + 2 * CALLS); // two at once may count as one
        await().until(() -> two.unit("a.service").getMachines(0).getState().getGeneration() == generation);
    }
}
