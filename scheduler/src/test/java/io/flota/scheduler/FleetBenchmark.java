package io.flota.scheduler;

import static io.flota.scheduler.FleetClient.unit;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.flota.api.v1.UnitIntent;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/// How long fleet's API takes to tell all units while some change, page by page as fleetctl asks, on a real etcd.
/// No test by its name, so that it runs only when it is asked for, from the top of the repository:
///
/// ```
/// ./mvnw -q -pl scheduler -am test -Dtest=FleetBenchmark -Dsurefire.failIfNoSpecifiedTests=false
/// ```
///
/// Prints p50, p99 and maximum of [#LISTS] lists, and of their pages, in milliseconds by the clock, after
/// [#WARM_UPS] that are not counted.
class FleetBenchmark {
    private static final int UNITS = 1_000;
    private static final int LISTS = 100;
    private static final int WARM_UPS = 10;
    private static final int CHANGES_PER_SECOND = 50;
    /// So many are told to change at the same time, each of which takes what etcd takes.
    private static final int CHANGERS = 4;
    private static final long PAUSE_MILLIS = 200;
    private static final int MACHINES = 10;

    @Test
    void measure() throws InterruptedException {
        try (var cluster = new TestCluster()) {
            var scheduler = cluster.scheduler("one");
            IntStream.rangeClosed(1, MACHINES).forEach(cluster::machine);
            try (var fleet = new FleetClient(scheduler);
                    var changer = new FleetClient(scheduler);
                    var changing = Executors.newScheduledThreadPool(CHANGERS)) {
                await().until(() -> fleet.get("/fleet/v1/machines").body().path("machines").size() == MACHINES);
                cluster.grpc(scheduler).apply(IntStream.range(0, UNITS)
                        .mapToObj(i -> TestCluster.start(name(i), "[Unit]", "Description=Web %i", "[Service]",
                                "ExecStart=/bin/sleep inf", "Restart=always", "[X-Fleet]", "Conflicts=db@" + i + ".service"))
                        .toArray(UnitIntent[]::new));
                await().atMost(Duration.ofMinutes(2))
                        .until(() -> fleet.all("/fleet/v1/state", "states").size() == UNITS);
                var changes = new AtomicInteger();
                for (int i = 0; i < CHANGERS; i++) {
                    changing.scheduleAtFixedRate(
                            () -> change(changer, changes), i, 1_000 * CHANGERS / CHANGES_PER_SECOND, TimeUnit.MILLISECONDS);
                }
                measure(fleet, changes);
                changing.shutdown();
                assertThat(changing.awaitTermination(1, TimeUnit.MINUTES)).isTrue();
            }
        }
    }

    private static String name(int number) {
        return "web@%04d.service".formatted(number);
    }

    private static void change(FleetClient client, AtomicInteger changes) {
        int number = changes.getAndIncrement();
        String desired = number / UNITS % 2 == 0 ? "loaded" : "launched";
        assertThat(client.putUnit(name(number % UNITS), unit(desired)).status()).isEqualTo(204);
    }

    private static void measure(FleetClient fleet, AtomicInteger changes) throws InterruptedException {
        for (int i = 0; i < WARM_UPS; i++) {
            assertThat(fleet.all("/fleet/v1/units", "units")).hasSize(UNITS);
        }
        var lists = new ArrayList<Double>();
        var pages = new ArrayList<Double>();
        int changedBefore = changes.get();
        long began = System.nanoTime();
        for (int i = 0; i < LISTS; i++) {
            double took = 0;
            String token = "";
            do {
                long start = System.nanoTime();
                var page = fleet.get("/fleet/v1/units?alt=json" + (token.isEmpty() ? "" : "&nextPageToken=" + token));
                double millis = (System.nanoTime() - start) / 1e6;
                pages.add(millis);
                took += millis;
                assertThat(page.body().path("units")).hasSize(100);
                token = page.body().path("nextPageToken").asText("");
            } while (!token.isEmpty());
            lists.add(took);
            TimeUnit.MILLISECONDS.sleep(PAUSE_MILLIS); // or all lists would see but a few changes
        }
        double seconds = (System.nanoTime() - began) / 1e9;
        System.out.printf("%d units, %d changed each second%n", UNITS,
                Math.round((changes.get() - changedBefore) / seconds));
        print("list of all units", lists);
        print("page of 100 units", pages);
    }

    private static void print(String what, List<Double> millis) {
        Collections.sort(millis);
        System.out.printf("%s: %d times, p50 %.1f ms, p99 %.1f ms, max %.1f ms%n", what, millis.size(),
                percentile(millis, 50), percentile(millis, 99), millis.getLast());
    }

    private static double percentile(List<Double> sorted, int percent) {
        return sorted.get((sorted.size() * percent + 99) / 100 - 1);
    }
}
