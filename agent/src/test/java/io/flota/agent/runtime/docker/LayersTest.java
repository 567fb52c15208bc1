package io.flota.agent.runtime.docker;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import org.junit.jupiter.api.Test;

class LayersTest {
    private static final Instant NOW = Instant.parse("2026-11-22T12:00:00Z");
    private static final long MIB = 1 << 20;

    @Test
    void whatIsToldOfLayersIsAddedUpAndSaidOnceASecond() {
        var layers = new Layers("web");

        assertThat(layers.heard(new PullProgress("", "Pulling from web", 0, 0), NOW)).isEmpty();
        assertThat(layers.heard(new PullProgress("a", "Downloading", 2 * MIB, 10 * MIB), NOW))
                .contains("web: 0 of 1 layers, 2 of 10 MiB");
        assertThat(layers.heard(new PullProgress("b", "Downloading", 3 * MIB, 20 * MIB), NOW.plusMillis(500))).isEmpty();
        assertThat(layers.heard(new PullProgress("a", "Pull complete", 0, 0), NOW.plusSeconds(1)))
                .contains("web: 1 of 2 layers, 3 of 20 MiB");
        assertThat(layers.heard(new PullProgress("b", "Already exists", 0, 0), NOW.plusSeconds(2)))
                .contains("web: 2 of 2 layers");
    }
}
