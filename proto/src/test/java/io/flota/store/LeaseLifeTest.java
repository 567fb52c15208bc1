package io.flota.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LeaseLifeTest {
    /// A machine that is cut off together with one that is lost has a third of its life left at most, and one that is
    /// well two thirds at least; the store tells both rounded down.
    @ParameterizedTest(name = "{1} s left of {0} s: late {2}")
    @CsvSource({
        "2, 0, true", "2, 1, false",
        "3, 0, true", "3, 1, false", "3, 2, false",
        "4, 1, true", "4, 2, false",
        "5, 0, true", "5, 1, true", "5, 2, false", "5, 3, false",
        "10, 3, true", "10, 4, true", "10, 5, false", "10, 6, false",
        "60, 20, true", "60, 39, false", "5, 7, false", "0, 0, true"
    })
    void itIsLateOnceHalfOfItIsOverForCertain(long ttl, long left, boolean late) {
        assertThat(new LeaseLife(Duration.ofSeconds(ttl), Duration.ofSeconds(left)).isLate()).isEqualTo(late);
    }
}
