package io.flota.examples.faults;

import io.flota.examples.faults.Registrar.Change;
import io.flota.registry.Fact;
import io.flota.registry.Key;
import io.flota.unit.DesiredState;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Stream;

/// All that is known of a time of faults: what the units wrote, what was written in etcd, what was done.
///
/// @param runs of each unit, by their starts
/// @param names of the machines, by id
/// @param until when all of this was read, or shortly before
record Story(
        Map<String, List<Run>> runs, List<Change> changes, Deeds deeds, Map<String, String> names, long until) {
    /// Between a fault and the last or first line of a process that it ends or lets start.
    private static final Duration SLACK = Duration.ofSeconds(1);

    /// A process that runs writes hundreds of lines meanwhile, however busy its host is.
    private static final Duration SILENCE = Duration.ofSeconds(5);

    /// Which decision a process was started for.
    private record Grant(String placement, long generation) {}

    static Story read(FaultBox box, Registrar registrar, Deeds deeds, Map<String, String> names) {
        long until = System.nanoTime();
        return new Story(box.witnesses().runs(), registrar.history(), deeds, names, until);
    }

    /// Every time that a unit was there twice, in words.
    List<String> overlaps(Predicate<String> exclusive) {
        var found = new ArrayList<String>();
        pairs(exclusive).filter(pair -> pair.one().overlap(pair.other()) >= 0)
                .forEach(pair -> found.add("%.3f ms of overlap: %s and %s"
                        .formatted(pair.one().overlap(pair.other()) / 1e6, told(pair.one()), told(pair.other()))));
        return found;
    }

    /// The longest time for which an exclusive unit was there twice, in milliseconds; 0 if none was.
    double longestOverlap(Predicate<String> exclusive) {
        return pairs(exclusive).mapToLong(pair -> pair.one().overlap(pair.other())).max().stream()
                .mapToDouble(nanos -> Math.max(0, nanos / 1e6))
                .findFirst()
                .orElse(0);
    }

    private record Pair(Run one, Run other) {}

    private Stream<Pair> pairs(Predicate<String> exclusive) {
        return runs.entrySet().stream().filter(entry -> exclusive.test(entry.getKey())).flatMap(entry -> {
            var all = entry.getValue();
            // Each with the one before it that was there longest.
            var pairs = new ArrayList<Pair>();
            Optional<Run> longest = Optional.empty();
            for (var run : all) {
                longest.ifPresent(before -> pairs.add(new Pair(before, run)));
                longest = Stream.concat(longest.stream(), Stream.of(run)).max(Comparator.comparingLong(Run::last));
            }
            return pairs.stream();
        });
    }

    /// Every start of an exclusive unit whose epoch is not above all earlier ones, in words.
    List<String> epochsThatDoNotRise(Predicate<String> exclusive) {
        var found = new ArrayList<String>();
        runs.forEach((unit, all) -> {
            if (exclusive.test(unit)) {
                long highest = 0;
                for (var run : all) {
                    if (run.epoch().orElse(0) <= highest) {
                        found.add("epoch %s after %d: %s".formatted(run.epoch(), highest, told(run)));
                    }
                    highest = Math.max(highest, run.epoch().orElse(0));
                }
            }
        });
        return found;
    }

    /// Every process that was started on a machine where its unit had run before, without a reason, in words.
    List<String> groundlessRestarts(Predicate<String> exclusive) {
        var grants = grants();
        var found = new ArrayList<String>();
        runs.forEach((unit, all) -> all.stream().map(Run::machine).distinct().forEach(machine -> {
            var there = all.stream().filter(run -> run.machine().equals(machine)).toList();
            for (int i = 1; i < there.size(); i++) {
                var before = there.get(i - 1);
                var run = there.get(i);
                if (before.ending() != Run.Ending.OWN
                        && !wasKilled(machine, before.last(), run.first())
                        && !(exclusive.test(unit) && wasInTrouble(machine, before.last()))
                        && !wasGrantedAnew(grants, before, run)) {
                    found.add(told(before) + " was started again, for no reason: " + told(run));
                }
            }
        }));
        return found;
    }

    /// The decisions that the agents reported to have carried out, by machine and process.
    private Map<String, Grant> grants() {
        var grants = new HashMap<String, Grant>();
        for (var change : changes) {
            if (change.fact().orElse(null) instanceof Fact.StateFact(var machine, _, var state) && state.mainPid() > 0) {
                // The first report: a placement may be replaced by one that takes the process over.
                grants.putIfAbsent(machine + " " + state.mainPid(), new Grant(state.placementId(), state.generation()));
            }
        }
        return grants;
    }

    /// Not every process lives long enough to be reported. Then any other decision for the unit there will do.
    private boolean wasGrantedAnew(Map<String, Grant> grants, Run before, Run run) {
        var one = Optional.ofNullable(grants.get(before.machine() + " " + before.pid()));
        var other = Optional.ofNullable(grants.get(run.machine() + " " + run.pid()));
        if (one.isPresent() && other.isPresent()) {
            return !one.equals(other);
        }
        long slack = SLACK.toNanos();
        return changes.stream()
                .filter(change -> change.key() instanceof Key.PlacementKey(var machine, var unit)
                        && machine.value().equals(run.machine()) && unit.toString().equals(run.unit()))
                .anyMatch(change -> change.seen() > before.first() - slack && change.seen() < run.first() + slack);
    }

    private boolean wasKilled(String machine, long from, long until) {
        return deeds.on(names.get(machine))
                .filter(deed -> deed.fault() instanceof Fault.MachineKilled)
                .anyMatch(deed -> deed.from() < until && deed.until() + SLACK.toNanos() > from);
    }

    /// Whether the machine's agent may have been without an acknowledged lease at this time: an exclusive unit stops.
    private boolean wasInTrouble(String machine, long at) {
        // Once members can hear each other again they have yet to elect a leader.
        var lease = Duration.ofSeconds(5).plus(Duration.ofSeconds(3)).toNanos();
        return deeds.faults().stream()
                .filter(deed -> !(deed.fault() instanceof Fault.MachineKilled))
                .filter(deed -> deed.fault().nodes().stream()
                        .anyMatch(node -> node.equals(names.get(machine)) || node.startsWith("etcd-")))
                .anyMatch(deed -> deed.from() < at && deed.until() + lease > at);
    }

    /// Every process that ended by itself or by a signal although its decision was never taken back, and that nothing
    /// came after, in words: its unit was forgotten.
    List<String> forgotten(Predicate<String> counts) {
        var found = new ArrayList<String>();
        runs.forEach((unit, all) -> {
            if (counts.test(unit) && wantedAtTheEnd(unit)) {
                var last = all.stream().max(Comparator.comparingLong(Run::last)).orElseThrow();
                if (until - last.last() > SILENCE.toNanos()) {
                    found.add(told(last) + " was the last of it, though it is wanted");
                }
            }
        });
        return found;
    }

    private boolean wantedAtTheEnd(String unit) {
        return changes.stream()
                .filter(change -> change.key() instanceof Key.UnitKey(var name) && name.toString().equals(unit))
                .reduce((_, last) -> last)
                .flatMap(Change::fact)
                .filter(fact -> fact instanceof Fact.UnitFact(var record, _) && record.desired() == DesiredState.LAUNCHED)
                .isPresent();
    }

    /// How often machines were lost, by their leases.
    long losses() {
        return changes.stream()
                .filter(change -> change.key() instanceof Key.MachineKey && change.fact().isEmpty())
                .count();
    }

    long leaders() {
        return changes.stream()
                .filter(change -> change.key() instanceof Key.LeaderKey && change.fact().isPresent())
                .count();
    }

    /// With the machine's name and times that fit what was told.
    String told(Run run) {
        return "%s on %s (process %d, %.3f to %.3f s%s, %s)".formatted(
                run.unit(), names.getOrDefault(run.machine(), run.machine()), run.pid(), deeds.seconds(run.first()),
                deeds.seconds(run.last()), run.epoch().isPresent() ? ", epoch " + run.epoch().getAsLong() : "",
                switch (run.ending()) {
                    case ASKED -> "SIGTERM";
                    case OWN -> "failed";
                    case SILENT -> "killed, or runs";
                });
    }
}
