package io.flota.scheduler.placement;

import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/// Goal: no plan breaks a promise, and a cluster left alone comes to rest with every unit placed that fits. Method:
/// clusters to which everything happens by chance, for a while, and then nothing. One seed again: `-Dflota.seed=42`;
/// more of them: `-Dflota.seeds=20000`.
class RandomClusterTest {
    private static final int STEPS = 120;

    @Test
    void whateverHappensEveryPlanKeepsItsPromisesAndTheClusterComesToRest() {
        var one = Long.getLong("flota.seed");
        if (one != null) {
            live(one);
        } else {
            LongStream.range(0, Integer.getInteger("flota.seeds", 400)).forEach(RandomClusterTest::live);
        }
    }

    private static void live(long seed) {
        var random = new RandomCluster(seed);
        try {
            for (int step = 0; step < STEPS; step++) {
                random.step();
            }
            random.comeToRest();
        } catch (AssertionError | RuntimeException e) {
            throw new AssertionError(
                    "seed " + seed + ": " + e.getMessage() + "\nafter\n" + String.join("\n", random.history()), e);
        }
    }
}
