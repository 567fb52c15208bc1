package io.flota.examples.faults;

import io.flota.examples.Api;
import io.flota.examples.faults.Fault.CutOff;
import io.flota.examples.faults.Fault.Killed;
import io.flota.examples.faults.Fault.MachineKilled;
import io.flota.examples.faults.Fault.Manner;
import io.flota.examples.faults.Fault.Stopped;
import io.flota.examples.faults.Witnesses.Living;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.awaitility.Awaitility;

/// Takes machines away from exclusive units, one after the other and in every way, and measures from what the units
/// wrote themselves for how long none of each was there, and whether two ever were.
final class ExclusiveFaults {
    private static final int MACHINES = 3;
    private static final List<String> MEMBERS = List.of("etcd-1", "etcd-2", "etcd-3");
    private static final List<String> UNITS =
            List.of("only@1", "only@2", "only@3", "only@4", "only@5", "only@6", "stubborn@1");

    /// Only ends a hopeless wait.
    private static final Duration LIMIT = Duration.ofSeconds(120);

    private static final List<Function<String, Fault>> KINDS = List.of(
            MachineKilled::new,
            machine -> new Killed(List.of(machine)),
            machine -> new Stopped(List.of(machine)),
            machine -> new CutOff(List.of(machine), MEMBERS, Manner.SILENT),
            machine -> new CutOff(List.of(machine), MEMBERS, Manner.REFUSING),
            machine -> new CutOff(List.of(machine), MEMBERS, Manner.UNHEARD),
            machine -> new CutOff(List.of(machine), MEMBERS, Manner.DEAF));

    /// A unit that lost its machine.
    private record Hit(String kind, Living before) {}

    /// @param kind of the fault
    /// @param millis from the last line that the unit wrote where it was to the first one elsewhere
    record Inactive(String kind, String unit, double millis) {}

    /// @param overlap the longest time for which a unit was there twice, in milliseconds
    /// @param violations of what Flota promises, in words
    record Outcome(int faults, List<Inactive> inactive, double overlap, List<String> violations) {}

    private final List<Hit> hits = new ArrayList<>();
    private final FaultBox box;
    private final Registrar registrar;
    private final Deeds deeds = new Deeds();
    private final Settled settled = new Settled(MACHINES, _ -> false, _ -> false);

    private ExclusiveFaults(FaultBox box, Registrar registrar) {
        this.box = box;
        this.registrar = registrar;
    }

    /// From the command line: how many faults.
    public static void main(String[] arguments) {
        var outcome = run(Integer.getInteger("faults.count", 200));
        table(outcome).forEach(System.out::println);
        outcome.violations().forEach(violation -> System.out.println("BROKEN: " + violation));
        System.exit(outcome.violations().isEmpty() ? 0 : 1);
    }

    static Outcome run(int faults) {
        try (var box = FaultBox.with(MEMBERS.size(), "--machines", "" + MACHINES, "--ttl", "2s").up();
                var registrar = new Registrar(box.network().behind())) {
            return new ExclusiveFaults(box, registrar).through(faults);
        }
    }

    private Outcome through(int faults) {
        var files = Company.write(box.witnesses(), box.folder()).getFirst();
        box.cluster().unitctl().in(files).run(new Command("start", UNITS, 0).arguments()).ok();
        Map<String, String> names;
        try (var api = new Api(box.cluster().node("scheduler-1").address())) {
            settle();
            names = api.hosts();
        }
        for (int i = 0; i < faults; i++) {
            once(i, names);
        }
        var story = Story.read(box, registrar, deeds, names);
        var violations = new ArrayList<String>();
        violations.addAll(story.overlaps(_ -> true));
        violations.addAll(story.epochsThatDoNotRise(_ -> true));
        violations.addAll(story.forgotten(_ -> true));
        violations.addAll(Decisions.groundless(story.changes(), Map.of()));
        return new Outcome(faults, inactive(story), story.longestOverlap(_ -> true), violations);
    }

    /// The machine that has most of the units loses them all.
    private void once(int number, Map<String, String> names) {
        var victims = box.witnesses().living().stream()
                .collect(Collectors.groupingBy(Living::machine))
                .values().stream()
                .max(Comparator.<List<Living>>comparingInt(List::size).thenComparing(units -> units.getFirst().machine()))
                .orElseThrow();
        var fault = KINDS.get(number % KINDS.size()).apply(names.get(victims.getFirst().machine()));
        deeds.tell("%d: %s, which has %d units".formatted(number + 1, fault.words(), victims.size()));
        victims.forEach(unit -> hits.add(new Hit(fault.kind(), unit)));
        long from = System.nanoTime();
        box.inflict(fault);
        until("all of its units run elsewhere", () -> {
            var living = box.witnesses().living();
            return victims.stream().allMatch(unit -> living.stream().anyMatch(
                    other -> other.unit().equals(unit.unit()) && !other.machine().equals(unit.machine())));
        });
        box.undo(fault);
        deeds.inflicted(fault, from, System.nanoTime());
        settle();
    }

    private void settle() {
        until("all is as wanted", () -> settled.wanting(registrar.facts(), box.witnesses().living()).isEmpty());
    }

    private static void until(String what, BooleanSupplier condition) {
        Awaitility.await(what).atMost(LIMIT).pollInterval(Duration.ofMillis(100)).until(condition::getAsBoolean);
    }

    private List<Inactive> inactive(Story story) {
        return hits.stream().flatMap(hit -> inactive(story, hit).stream()).toList();
    }

    private static Optional<Inactive> inactive(Story story, Hit hit) {
        var runs = story.runs().get(hit.before().unit());
        for (int i = 0; i + 1 < runs.size(); i++) {
            if (runs.get(i).pid() == hit.before().pid() && runs.get(i).machine().equals(hit.before().machine())) {
                return Optional.of(new Inactive(
                        hit.kind(), hit.before().unit(), (runs.get(i + 1).first() - runs.get(i).last()) / 1e6));
            }
        }
        return Optional.empty();
    }

    static List<String> table(Outcome outcome) {
        var lines = new ArrayList<String>();
        var row = "%-44s %5s %8s %8s %8s %8s";
        lines.add(row.formatted("exclusive units without a machine: inactive, ms", "hit", "min", "p50", "p99", "max"));
        var byKind = outcome.inactive().stream().collect(Collectors.groupingBy(
                Inactive::kind, LinkedHashMap::new, Collectors.mapping(Inactive::millis, Collectors.toList())));
        byKind.put("all", outcome.inactive().stream().map(Inactive::millis).toList());
        byKind.forEach((kind, values) -> {
            var sorted = values.stream().sorted().toList();
            lines.add(row.formatted(
                    kind, sorted.size(), whole(sorted.getFirst()), whole(percentile(sorted, 50)),
                    whole(percentile(sorted, 99)), whole(sorted.getLast())));
        });
        lines.add("%d faults; longest overlap %.3f ms".formatted(outcome.faults(), outcome.overlap()));
        return lines;
    }

    private static String whole(double millis) {
        return "%.0f".formatted(millis);
    }

    private static double percentile(List<Double> sorted, int percent) {
        return sorted.get(Math.min(sorted.size() - 1, (int) Math.ceil(sorted.size() * percent / 100.0) - 1));
    }
}
