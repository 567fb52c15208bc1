package io.flota.testing;

import java.util.Random;

/// Tries a property on what chance brings. A failure names its seed; `-Dflota.seed=` that begins with it.
public final class Seeds {
    /// Holds for whatever is drawn from the generator, or throws.
    @FunctionalInterface
    public interface Property {
        void check(Random random) throws Exception;
    }

    private static final long FIRST = first();

    private Seeds() {}

    /// Checks a property with this many seeds that follow each other.
    public static void check(int tries, Property property) {
        for (long seed = FIRST; seed < FIRST + tries; seed++) {
            try {
                property.check(new Random(seed));
            } catch (Exception | AssertionError failure) {
                throw new AssertionError("-Dflota.seed=" + seed + " fails: " + failure.getMessage(), failure);
            }
        }
    }

    /// The seed of this run.
    public static long seed() {
        return FIRST;
    }

    private static long first() {
        var wanted = Long.getLong("flota.seed");
        // Short enough to be typed.
        long seed = wanted == null ? new Random().nextInt(1_000_000_000) : wanted;
        System.out.println("tests that draw lots begin with -Dflota.seed=" + seed);
        return seed;
    }
}
