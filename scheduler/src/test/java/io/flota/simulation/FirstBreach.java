package io.flota.simulation;

import java.time.Duration;
import java.util.Optional;

/// Plays seeds until the first that fails, and says which one it is and what was broken: a program of its own, so that
/// whoever runs it can give it other classes.
final class FirstBreach {
    private FirstBreach() {}

    /// @param args the first seed, how many, and for how many seconds at most
    public static void main(String[] args) {
        LogLines.silence();
        long from = Long.parseLong(args[0]);
        var limit = Duration.ofSeconds(Long.parseLong(args[2]));
        var tally = Simulate.seeds(from, Long.parseLong(args[1]), limit);
        System.out.println(tally.failed().map(FirstBreach::words).orElse("clean\t" + tally.seeds()));
        System.exit(0);
    }

    private static String words(Script failed) {
        var breaches = Simulation.play(failed, Interference.NONE, Story.untold()).breaches();
        return failed.seed() + "\t" + Optional.of(breaches.getFirst()).orElseThrow();
    }
}
