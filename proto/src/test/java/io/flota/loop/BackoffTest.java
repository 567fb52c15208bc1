package io.flota.loop;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class BackoffTest {
    private final Backoff backoff =
            new Backoff(Duration.ofMillis(100), Duration.ofSeconds(1), new SplittableRandom(7));

    @Test
    void eachRestIsAboutTwiceTheLastUpToALimit() {
        for (long whole : new long[] {100, 200, 400, 800, 1000, 1000}) {
            assertThat(backoff.next()).isBetween(Duration.ofMillis(whole / 2), Duration.ofMillis(whole));
        }
    }

    @Test
    void chanceKeepsThoseApartWhoFailedTogether() {
        var other = new Backoff(Duration.ofMillis(100), Duration.ofSeconds(1), new SplittableRandom(8));

        assertThat(backoff.next()).isNotEqualTo(other.next());
    }

    @Test
    void aSuccessStartsAnew() {
        backoff.next();
        backoff.next();
        backoff.reset();

        assertThat(backoff.next()).isLessThanOrEqualTo(Duration.ofMillis(100));
    }
}
