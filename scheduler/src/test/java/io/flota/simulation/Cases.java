package io.flota.simulation;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.function.Supplier;

/// Plays the same scenarios again and again, each time with one other thing that goes wrong, on all cores.
final class Cases {
    /// @param words what goes wrong
    record Case(Scenario scenario, String words, Supplier<Interference> interference) {
        List<String> breaches() {
            return Simulation.play(scenario.script(), interference.get(), Story.untold()).breaches();
        }

        /// What happens, for a reader; its breaches last.
        String story() {
            var story = Story.told();
            var result = LogLines.during(
                    story, () -> Simulation.play(scenario.script(), interference.get(), story));
            return this + "\n" + story + "\n" + String.join("\n", result.breaches());
        }

        @Override
        public String toString() {
            return scenario + ": " + words;
        }
    }

    /// @param failed with their first breach each
    record Tally(int cases, Duration took, List<Case> failed, List<String> words) {
        String rate() {
            return String.format(Locale.ROOT, "%,d cases in %.1f s", cases, took.toMillis() / 1000.0);
        }
    }

    private Cases() {}

    /// All that can go wrong in a scenario, once it is known what happens when nothing does.
    interface Writer {
        List<Case> cases(Scenario scenario, Census quiet);
    }

    static List<Case> of(List<Scenario> scenarios, Writer writer) {
        return inParallel(scenarios, scenario -> {
                    var quiet = new Census();
                    var breaches = Simulation.play(scenario.script(), quiet, Story.untold()).breaches();
                    if (!breaches.isEmpty()) {
                        throw new IllegalStateException(scenario + " fails though nothing goes wrong: " + breaches);
                    }
                    return writer.cases(scenario, quiet);
                }).stream()
                .flatMap(List::stream)
                .toList();
    }

    static Tally play(List<Case> cases) {
        long began = System.nanoTime();
        var breaches = inParallel(cases, Case::breaches);
        var failed = new ArrayList<Case>();
        var words = new ArrayList<String>();
        for (int i = 0; i < cases.size(); i++) {
            if (!breaches.get(i).isEmpty()) {
                failed.add(cases.get(i));
                words.add(cases.get(i) + ": " + breaches.get(i).getFirst());
            }
        }
        return new Tally(cases.size(), Duration.ofNanos(System.nanoTime() - began), failed, words);
    }

    /// What is done with one of many.
    private interface Work<A, B> {
        B done(A one);
    }

    private static <A, B> List<B> inParallel(List<A> all, Work<A, B> work) {
        int cores = Runtime.getRuntime().availableProcessors();
        try (var executor = Executors.newFixedThreadPool(cores)) {
            var calls = all.stream().<Callable<B>>map(one -> () -> work.done(one)).toList();
            var done = new ArrayList<B>();
            for (var future : executor.invokeAll(calls)) {
                done.add(future.get());
            }
            return done;
        } catch (InterruptedException | ExecutionException e) {
            throw new IllegalStateException(e);
        }
    }
}
