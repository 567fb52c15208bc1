package io.flota.examples.faults;

import static org.assertj.core.api.Assertions.assertThat;

import io.flota.testing.Seeds;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/// Two minutes of what `examples/faults` does for as long as one likes.
class RandomFaultsIT {
    @Test
    void whateverFailsNothingHealthyIsRestartedNothingExclusiveRunsTwiceAndNothingIsForgotten() {
        var outcome = RandomFaults.run(Duration.ofSeconds(Integer.getInteger("faults.seconds", 120)), Seeds.seed());

        outcome.summary().forEach((what, value) -> System.out.printf("%-64s %s%n", what, value));
        assertThat(outcome.violations()).as("seed %d", Seeds.seed()).isEmpty();
    }
}
