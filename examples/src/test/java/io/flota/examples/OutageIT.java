package io.flota.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Files;
import java.time.Duration;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// etcd or an agent is away for longer than every lease lives.
class OutageIT {
    private static final String[] UNITS = Units.instances("steady", 9);
    private static final Duration OUTAGE = Duration.ofSeconds(20);

    @RegisterExtension
    final LocalCluster cluster = LocalCluster.with("--machines", "3", "--ttl", "3s");

    private Api api;
    private Process follower;

    @BeforeEach
    void startUnits() {
        Units.write(cluster.folder(), "steady@.service");
        cluster.unitctl(Units.arguments("start", UNITS)).ok();
        api = new Api(cluster.endpoint());
    }

    @AfterEach
    void disconnect() {
        if (follower != null) {
            follower.destroyForcibly();
        }
        api.close();
    }

    @Test
    void etcdIsAwayForTwentySecondsAndNoUnitIsTouched() {
        var before = api.active();

        cluster.kill("etcd-1");

        long away = System.nanoTime();
        Units.eventually(() -> assertThat(cluster.unitctl("list-units").err()).contains("etcd"));
        var refused = cluster.unitctl("start", "steady@10");
        assertThat(refused.exitCode()).isEqualTo(1);
        assertThat(refused.err().lines().toList().getLast())
                .contains("etcd cannot be reached since")
                .contains("nothing can be changed until it is back");
        assertThat(cluster.unitctl("list-units").lines()).hasSize(1 + UNITS.length);
        await().atMost(OUTAGE.multipliedBy(2)).until(() -> System.nanoTime() - away > OUTAGE.toNanos());
        cluster.restart("etcd-1");

        Units.eventually(() -> assertThat(cluster.unitctl("list-units").err()).isEmpty());
        holdsFor(Duration.ofSeconds(10), () -> assertThat(api.active()).isEqualTo(before));
        cluster.unitctl("start", "steady@10").ok();
    }

    @Test
    void anAgentIsPausedForLongerThanItsLeaseAndItsDuplicatesAreRemovedAfterwards() throws Exception {
        var before = api.active();
        var paused = api.hosts().entrySet().stream()
                .filter(host -> host.getValue().equals("machine-2"))
                .findFirst()
                .orElseThrow()
                .getKey();
        var elsewhere = before.entrySet().stream()
                .filter(unit -> !unit.getValue().machine().equals(paused))
                .collect(Collectors.toMap(unit -> unit.getKey(), unit -> unit.getValue()));
        var followed = before.keySet().stream().filter(name -> !elsewhere.containsKey(name)).findFirst().orElseThrow();
        var lines = cluster.folder().resolve("lines");
        var complaint = cluster.folder().resolve("complaint");
        follower = cluster.unitctl().start(lines, complaint, "journal", "-f", followed);
        Units.eventually(() -> assertThat(lines).isNotEmptyFile());
        int written = Files.readAllLines(lines).size();

        cluster.local("pause", "--agent", "machine-2").ok();
        Units.eventually(() -> {
            assertThat(api.hosts()).doesNotContainKey(paused);
            assertThat(api.active()).hasSize(UNITS.length);
        });
        var moved = api.active();
        // The agent's connections are open, and it is silent.
        Units.eventually(() -> {
            assertThat(Files.readString(complaint))
                    .startsWith("machine " + paused.substring(0, 8) + " ")
                    .endsWith(": its units are followed where they run next\n");
            assertThat(Files.readAllLines(lines)).hasSizeGreaterThan(written);
        });
        assertThat(follower.isAlive()).isTrue();
        cluster.resume("machine-2");

        Units.eventually(() -> {
            assertThat(api.hosts()).containsKey(paused);
            assertThat(before.values().stream().filter(unit -> unit.machine().equals(paused)))
                    .allSatisfy(unit -> assertThat(ProcessHandle.of(unit.pid())).isEmpty());
        });
        holdsFor(Duration.ofSeconds(3), () -> assertThat(api.active()).isEqualTo(moved));
        assertThat(moved).containsAllEntriesOf(elsewhere);
    }

    private static void holdsFor(Duration time, org.awaitility.core.ThrowingRunnable assertion) {
        await().during(time).atMost(time.multipliedBy(3)).ignoreExceptions().untilAsserted(assertion);
    }
}
