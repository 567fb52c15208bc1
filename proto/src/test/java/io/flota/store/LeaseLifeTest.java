package io.flota.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LeaseLifeTest {
    @ParameterizedTest(name = "{1} s left of {0} s: renewed {2} s ago at most, over {3}")
    @CsvSource({"5, 5, 0, false", "5, 3, 2, false", "5, 0, 5, false", "5, 7, 0, false", "0, 0, 0, true"})
    void itIsAsOldAsWhatIsMissingOfItsLife(long ttl, long left, long age, boolean over) {
        var life = new LeaseLife(Duration.ofSeconds(ttl), Duration.ofSeconds(left));

        assertThat(life.age()).isEqualTo(Duration.ofSeconds(age));
        assertThat(life.isOver()).isEqualTo(over);
    }
}
