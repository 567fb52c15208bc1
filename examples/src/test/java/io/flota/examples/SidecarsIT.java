package io.flota.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// Sidecars that all write at once, by one agent's socket.
class SidecarsIT {
    private static final int SIDECARS = 24;
    /// `-Dsidecars.seconds=60` for as long as the figures of the web example.
    private static final Duration TIME = Duration.ofSeconds(Integer.getInteger("sidecars.seconds", 8));

    @RegisterExtension
    final LocalCluster cluster = LocalCluster.with("--machines", "1");

    @BeforeAll
    static void nginxIsThere() {
        assertThat(Path.of("/usr/sbin/nginx"))
                .as("this test runs nginx; install it: apt-get install nginx")
                .exists();
    }

    @Test
    void leaveAFileOfUpstreamsThatIsWholeAtEachMomentAndTrueAtTheEnd() throws Exception {
        var outcome = SidecarCrowd.write(cluster, SIDECARS, TIME);

        assertThat(outcome.faults()).isEmpty();
        assertThat(outcome.writes()).isGreaterThan(SIDECARS);
        assertThat(outcome.states()).isGreaterThan(1);
        assertThat(outcome.tested()).isGreaterThan(1);
        assertThat(outcome.reloads()).isBetween(1, outcome.renders());
    }
}
