package io.flota.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.time.Duration;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// Flota's own programs die and come back; units must not notice.
class RestartIT {
    private static final int UNITS = 100;

    @RegisterExtension
    final LocalCluster cluster = LocalCluster.with("--machines", "3", "--schedulers", "3", "--ttl", "3s");

    @Test
    void theLeaderDiesDuringAStartOfAHundredUnitsAndNoneIsForgottenOrStartedTwice() throws Exception {
        var before = Units.instances("before", 9);
        var many = Units.instances("many", UNITS);
        Units.write(cluster.folder(), "before@.service");
        Units.write(cluster.folder(), "many@.service");
        cluster.unitctl(Units.arguments("start", before)).ok();
        var leader = cluster.leader();
        var other = IntStream.rangeClosed(1, 3).mapToObj(i -> "scheduler-" + i).filter(n -> !n.equals(leader)).findFirst();
        try (var api = new Api(cluster.node(other.orElseThrow()).address())) {
            var untouched = api.active();
            var process = ProcessHandle.of(Long.parseLong(cluster.node(leader).pid())).orElseThrow();

            var start = cluster.unitctl().start(
                    Path.of("/dev/null"), Path.of("/dev/null"),
                    Units.arguments("start", new String[] {"--endpoint", cluster.endpoint()}, many));
            try {
                await().atMost(Units.LIMIT)
                        .pollInterval(Duration.ofMillis(1))
                        .until(() -> api.units().size() > before.length + 1);
                process.destroyForcibly();

                Units.allActive(api, many);
            } finally {
                start.destroyForcibly();
            }

            Units.eventually(() -> assertThat(cluster.leader()).isNotEqualTo(leader));
            assertThat(api.active()).containsAllEntriesOf(untouched);
            for (var unit : Units.services(many)) {
                assertThat(Units.starts(cluster.folder(), unit)).as("starts of %s", unit).isEqualTo(1);
                assertThat(api.units().get(unit).getMachinesList()).as(unit).hasSize(1);
            }
        }
    }

    @Test
    void everyAgentIsKilledAndStartedInTurnAndNoMainPidChanges() {
        var units = Units.instances("steady", 12);
        Units.write(cluster.folder(), "steady@.service");
        cluster.unitctl(Units.arguments("start", units)).ok();
        try (var api = new Api(cluster.node("scheduler-1").address())) {
            var before = api.active();

            for (int i = 1; i <= 3; i++) {
                cluster.restartAgent("machine-" + i);
                Units.eventually(() -> assertThat(api.active()).isEqualTo(before));
            }

            for (var unit : Units.services(units)) {
                assertThat(Units.starts(cluster.folder(), unit)).as("starts of %s", unit).isEqualTo(1);
            }
        }
    }
}
