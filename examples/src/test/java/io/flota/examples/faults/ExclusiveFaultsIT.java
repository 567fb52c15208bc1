package io.flota.examples.faults;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/// One fault of each kind of what `examples/exclusive-faults` does two hundred times.
class ExclusiveFaultsIT {
    @Test
    void exclusiveUnitsThatLoseTheirMachineRunElsewhereAndNeverTwiceAtOnce() {
        var outcome = ExclusiveFaults.run(Integer.getInteger("faults.count", 7));

        ExclusiveFaults.table(outcome).forEach(System.out::println);
        assertThat(outcome.violations()).isEmpty();
        assertThat(outcome.overlap()).isZero();
        assertThat(outcome.inactive()).hasSizeGreaterThanOrEqualTo(outcome.faults());
    }
}
