package io.flota.examples.faults;

import io.flota.examples.Api;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import java.util.TreeMap;
import org.awaitility.Awaitility;

/// Lets random faults and commands loose on a cluster of real processes, and looks whether everything held that is to
/// hold: meanwhile, and once all faults are undone.
final class RandomFaults {
    private static final int MACHINES = 3;
    private static final int SCHEDULERS = 2;
    private static final int MEMBERS = 3;

    /// Only ends a hopeless wait.
    private static final Duration LIMIT = Duration.ofSeconds(120);

    /// For which nothing may change once all is as it is wanted.
    private static final Duration CALM = Duration.ofSeconds(5);

    private final Settled settled = new Settled(MACHINES, Company::isGlobal, Company::isRestless);
    private final Map<String, Object> summary = new LinkedHashMap<>();
    private final List<String> violations = new ArrayList<>();

    private RandomFaults() {}

    /// @param summary what was done and seen, by its name
    /// @param violations of what Flota promises, in words
    record Outcome(Map<String, Object> summary, List<String> violations) {}

    /// From the command line: how many minutes, and the seed.
    public static void main(String[] arguments) {
        long seed = Long.getLong("faults.seed", new Random().nextInt(1_000_000_000));
        var outcome = run(Duration.ofMinutes(Long.getLong("faults.minutes", 20)), seed);
        outcome.summary().forEach((what, value) -> System.out.printf("%-64s %s%n", what, value));
        outcome.violations().forEach(violation -> System.out.println("BROKEN: " + violation));
        System.out.println(outcome.violations().isEmpty() ? "all held" : "NOT all held; seed " + seed);
        System.exit(outcome.violations().isEmpty() ? 0 : 1);
    }

    static Outcome run(Duration time, long seed) {
        var run = new RandomFaults();
        System.out.println("random faults for " + time.toSeconds() + " s, seed " + seed);
        run.summary.put("seed", seed);
        try (var box = FaultBox.with(
                        MEMBERS, "--schedulers", "" + SCHEDULERS, "--machines", "" + MACHINES, "--ttl", "5s")
                .up()) {
            run.on(box, time, seed);
        }
        return new Outcome(run.summary, run.violations);
    }

    private void on(FaultBox box, Duration time, long seed) {
        var files = Company.write(box.witnesses(), box.folder());
        try (var registrar = new Registrar(box.network().behind())) {
            var unitctl = box.cluster().unitctl();
            unitctl.in(files.getFirst()).run(words("start", Company.all())).ok();
            settle(registrar, box);
            var names = names(box);
            var deeds = new Deeds();
            var plan = Plan.of(seed, time, new Plan.Size(MACHINES, SCHEDULERS, MEMBERS, Company.operated()));
            var innocent = new AtomicLong();
            new Play(box, deeds, unitctl, files).perform(plan, () -> {
                innocent.set(System.nanoTime());
                deeds.tell("until here no unit had a reason to be touched; from here on anything may happen");
            });
            deeds.tell("all faults are undone");
            long healed = System.nanoTime();
            Awaitility.await().atMost(LIMIT).until(
                    () -> unitctl.run("uncordon", "01", "02", "03").exitCode() == 0);
            settle(registrar, box);
            summary.put("seconds until all was as wanted", "%.1f".formatted((System.nanoTime() - healed) / 1e9));
            var living = box.witnesses().living();
            stay(registrar, box);
            var story = Story.read(box, registrar, deeds, names);
            judge(story);
            judge(new Innocence(story, innocent.get()));
            summarize(story, plan, living.size());
        }
    }

    private static String[] words(String verb, List<String> units) {
        return new Command(verb, units, 0).arguments();
    }

    private static Map<String, String> names(FaultBox box) {
        try (var api = new Api(box.cluster().node("scheduler-1").address())) {
            return Map.copyOf(api.hosts());
        }
    }

    private void settle(Registrar registrar, FaultBox box) {
        var last = new ArrayList<String>();
        try {
            Awaitility.await().atMost(LIMIT).pollInterval(Duration.ofMillis(200)).until(() -> {
                last.clear();
                last.addAll(settled.wanting(registrar.facts(), box.witnesses().living()));
                return last.isEmpty();
            });
        } catch (org.awaitility.core.ConditionTimeoutException timeout) {
            last.forEach(line -> violations.add("not so after " + LIMIT.toSeconds() + " s: " + line));
        }
    }

    private void stay(Registrar registrar, FaultBox box) {
        long end = System.nanoTime() + CALM.toNanos();
        Awaitility.await().atMost(LIMIT).pollInterval(Duration.ofMillis(500)).until(() -> {
            if (violations.isEmpty()) {
                settled.wanting(registrar.facts(), box.witnesses().living())
                        .forEach(line -> violations.add("not so any more: " + line));
            }
            return System.nanoTime() > end;
        });
    }

    private void judge(Story story) {
        violations.addAll(story.overlaps(Company::isExclusive));
        violations.addAll(story.epochsThatDoNotRise(Company::isExclusive));
        violations.addAll(story.groundlessRestarts(Company::isExclusive));
        violations.addAll(story.forgotten(unit -> !Company.isRestless(unit)));
        violations.addAll(Decisions.groundless(story.changes(), Company.ANCHORS));
        violations.addAll(Decisions.untold(story.changes()));
        violations.addAll(Acknowledged.lost(story));
    }

    private void judge(Innocence innocence) {
        var touched = innocence.touched(unit -> !Company.isRestless(unit) && !Company.isExclusive(unit));
        violations.addAll(touched);
        violations.addAll(innocence.groundlessLosses());
        summary.put("restarts in outages, leader changes, agent restarts", touched.size());
        summary.put("agents that took longer than their lease to be back", innocence.lateReturns());
    }

    private void summarize(Story story, Plan plan, int living) {
        var kinds = new TreeMap<String, Integer>();
        plan.faults().forEach(planned -> kinds.merge(planned.fault().kind(), 1, Integer::sum));
        kinds.forEach((kind, count) -> summary.put("faults: " + kind, count));
        var commands = story.deeds().commands();
        summary.put("commands", commands.size());
        summary.put("commands refused", commands.stream().filter(command -> command.exitCode() != 0).count());
        summary.put("changes of the leader", story.leaders());
        summary.put("machines lost by their leases", story.losses());
        summary.put("changes in etcd", story.changes().size());
        summary.put("processes of units, ever", story.runs().values().stream().mapToInt(List::size).sum());
        summary.put("... of those that nobody commanded", story.runs().entrySet().stream()
                .filter(entry -> entry.getKey().startsWith("steady@"))
                .mapToInt(entry -> entry.getValue().size())
                .sum());
        summary.put("processes of units at the end", living);
        summary.put("longest overlap of an exclusive unit, ms", "%.3f".formatted(story.longestOverlap(Company::isExclusive)));
        summary.put("restarts without a reason", story.groundlessRestarts(Company::isExclusive).size());
        summary.put("decisions without a reason", Decisions.groundless(story.changes(), Company.ANCHORS).size());
    }
}
