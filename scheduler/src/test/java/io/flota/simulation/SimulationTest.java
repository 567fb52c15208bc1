package io.flota.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// Many clusters, each with another seed: `-Dsim.seeds=` says how many, `-Dsim.from=` with which to begin.
class SimulationTest {
    private static final long FROM = Long.getLong("sim.from", 1);
    private static final long SEEDS = Long.getLong("sim.seeds", 1_000);

    @BeforeAll
    static void nobodyReadsTheLogs() {
        LogLines.silence();
    }

    @Test
    void allThatIsPromisedHoldsWhateverFails() {
        var tally = Simulate.seeds(FROM, SEEDS);

        System.out.println(tally.rate());
        assertThat(tally.failed().map(Shrinking::shortest).map(Simulate::story).orElse("")).isEmpty();
    }

    @Test
    void aSeedAlwaysTellsTheSameStory() {
        var script = ScriptWriter.write(FROM);

        assertThat(Simulate.story(script)).isEqualTo(Simulate.story(script)).contains("leads id=scheduler-");
    }
}
