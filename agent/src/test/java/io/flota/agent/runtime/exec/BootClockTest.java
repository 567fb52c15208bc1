package io.flota.agent.runtime.exec;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BootClockTest {
    private static final Instant NOON = Instant.parse("2026-01-01T12:00:00Z");

    @TempDir
    Path folder;

    private Instant wall = NOON;
    private Duration uptime = Duration.ofHours(3);

    @Test
    void itGoesOnWhereverTheWallClockIsSetAndWhoeverAsks() throws Exception {
        var clock = clock();
        assertThat(clock.instant()).isEqualTo(NOON);
        pass(Duration.ofSeconds(10));
        assertThat(clock.instant()).isEqualTo(NOON.plusSeconds(10));

        wall = wall.plus(Duration.ofDays(1));

        assertThat(clock.instant()).isEqualTo(NOON.plusSeconds(10));
        assertThat(clock().instant()).isEqualTo(NOON.plusSeconds(10));
        assertThat(clock.onTheWall(NOON)).isEqualTo(NOON.plus(Duration.ofDays(1)));
    }

    @Test
    void theWallClocksSmallStepsAreNotFollowed() throws Exception {
        var clock = clock();

        wall = wall.plusMillis(900);

        assertThat(clock.onTheWall(NOON)).isEqualTo(NOON);
    }

    @Test
    void aDamagedNoteIsReplaced() throws Exception {
        Files.writeString(folder.resolve("clock"), "noon");

        assertThat(clock().instant()).isEqualTo(NOON);

        wall = wall.plusSeconds(100);
        assertThat(clock().instant()).isEqualTo(NOON);
    }

    private void pass(Duration time) {
        wall = wall.plus(time);
        uptime = uptime.plus(time);
    }

    private BootClock clock() throws Exception {
        return BootClock.open(folder.resolve("clock"), () -> wall, () -> uptime);
    }
}
