package io.flota.simulation;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.LongStream;

/// Plays many seeds, on all cores, until the first that fails or to the end; and tells what it found.
final class Simulate {
    /// @param failed the lowest seed that failed
    record Tally(long seeds, Duration simulated, Duration took, Optional<Script> failed) {
        String rate() {
            double hours = simulated.toMillis() / 3_600_000.0;
            double minutes = took.toMillis() / 60_000.0;
            return String.format(
                    Locale.ROOT, "%,d seeds, %,.1f simulated hours in %.1f s: %,.0f simulated hours per minute",
                    seeds, hours, took.toMillis() / 1000.0, hours / minutes);
        }
    }

    private record Share(long seeds, Duration simulated, Optional<Script> failed) {}

    private static final Duration FOR_EVER = Duration.ofDays(365);

    private Simulate() {}

    /// @param from the first seed
    static Tally seeds(long from, long count) {
        return seeds(from, count, FOR_EVER);
    }

    /// @param limit no seed is begun once this time is over
    static Tally seeds(long from, long count, Duration limit) {
        long began = System.nanoTime();
        var next = new AtomicLong(from);
        var shares = inParallel(() -> share(next, from + count, began + limit.toNanos()));
        var failed = new TreeMap<Long, Script>();
        shares.forEach(share -> share.failed().ifPresent(script -> failed.put(script.seed(), script)));
        return new Tally(
                shares.stream().mapToLong(Share::seeds).sum(),
                shares.stream().map(Share::simulated).reduce(Duration.ZERO, Duration::plus),
                Duration.ofNanos(System.nanoTime() - began),
                failed.values().stream().findFirst());
    }

    /// What happens by a script, for a reader; its breaches last.
    static String story(Script script) {
        var story = Story.told();
        var result = LogLines.during(story, () -> Simulation.play(script, Interference.NONE, story));
        return "seed " + script.seed() + ", " + script.shape() + "\n" + story + "\n"
                + String.join("\n", result.breaches());
    }

    private static Share share(AtomicLong next, long end, long untilNanos) {
        long seeds = 0;
        var simulated = Duration.ZERO;
        for (long seed = next.getAndIncrement();
                seed < end && System.nanoTime() - untilNanos < 0;
                seed = next.getAndIncrement()) {
            var script = ScriptWriter.write(seed);
            var result = Simulation.play(script, Interference.NONE, Story.untold());
            seeds++;
            simulated = simulated.plus(result.simulated());
            if (!result.breaches().isEmpty()) {
                next.set(end);
                return new Share(seeds, simulated, Optional.of(script));
            }
        }
        return new Share(seeds, simulated, Optional.empty());
    }

    private static List<Share> inParallel(Callable<Share> share) {
        int cores = Runtime.getRuntime().availableProcessors();
        try (var executor = Executors.newFixedThreadPool(cores)) {
            var shares = new ArrayList<Share>();
            for (var future : executor.invokeAll(java.util.Collections.nCopies(cores, share))) {
                shares.add(future.get());
            }
            return shares;
        } catch (InterruptedException | ExecutionException e) {
            throw new IllegalStateException(e);
        }
    }

    /// @param args how many seeds; the first one; `story` to tell the first one instead
    public static void main(String[] args) {
        long count = args.length > 0 ? Long.parseLong(args[0]) : 1000;
        long from = args.length > 1 ? Long.parseLong(args[1]) : 1;
        LogLines.silence();
        if (args.length > 2 && args[2].equals("all")) {
            LongStream.range(from, from + count).parallel().mapToObj(ScriptWriter::write).forEach(script -> {
                var breaches = Simulation.play(script, Interference.NONE, Story.untold()).breaches();
                if (!breaches.isEmpty()) {
                    System.out.println(script.seed() + ": " + breaches.getFirst());
                }
            });
            return;
        }
        if (args.length > 2 && args[2].equals("story")) {
            System.out.println(story(ScriptWriter.write(from)));
            return;
        }
        var tally = seeds(from, count);
        System.out.println(tally.rate());
        tally.failed().ifPresent(script -> {
            System.out.println("seed " + script.seed() + " fails; shortest:");
            System.out.println(story(Shrinking.shortest(script)));
            System.exit(1);
        });
    }
}
