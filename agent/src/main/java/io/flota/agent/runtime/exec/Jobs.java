package io.flota.agent.runtime.exec;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import com.google.common.collect.ImmutableSortedMap;
import io.flota.agent.runtime.exec.Wish.Job;
import io.flota.unit.UnitName;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/// Decides which pending jobs have their turn, by `After=`, `Before=`, `Requires=` and their like. Pure.
///
/// A start waits for the units that it comes after, and fails without those that it needs. A stop waits for the
/// units that come after it. Of a start and a stop, the stop goes first.
final class Jobs {
    /// What a job's turn brings.
    sealed interface Turn {
        UnitName unit();

        /// The job begins.
        record Begin(UnitName unit) implements Turn {}

        /// There is nothing to do.
        record Done(UnitName unit) implements Turn {}

        /// Another unit has to stop first, for they conflict.
        record Oust(UnitName unit, UnitName other) implements Turn {}

        /// The unit cannot start without another one.
        record Fail(UnitName unit, UnitName other, String because) implements Turn {}
    }

    private sealed interface Verdict {
        record Go() implements Verdict {}

        record Needless() implements Verdict {}

        record Wait(UnitName other, String because) implements Verdict {}

        record Oust(UnitName other) implements Verdict {}

        record Impossible(UnitName other, String because) implements Verdict {}
    }

    /// How long a unit waits for one that it needs to become loaded; they often come a moment apart.
    static final Duration GRACE = Duration.ofSeconds(5);

    /// What systemd has on every machine, and what therefore is always there.
    private static final ImmutableSet<String> ALWAYS_THERE = ImmutableSet.of(
            "basic.target", "sysinit.target", "default.target", "multi-user.target", "graphical.target",
            "local-fs.target", "local-fs-pre.target", "remote-fs.target", "network.target", "network-pre.target",
            "network-online.target", "nss-lookup.target", "nss-user-lookup.target", "time-sync.target",
            "time-set.target", "paths.target", "sockets.target", "timers.target", "slices.target", "rpcbind.target",
            "getty.target", "shutdown.target", "umount.target", "final.target");

    private final ImmutableSortedMap<UnitName, Entry> entries;
    private final Instant now;

    Jobs(ImmutableSortedMap<UnitName, Entry> entries, Instant now) {
        this.entries = entries;
        this.now = now;
    }

    /// All turns that are due now. Where units wait for each other in a circle, the first of them by name goes.
    ImmutableList<Turn> due() {
        var turns = ImmutableList.<Turn>builder();
        var waiting = new ArrayList<Entry>();
        for (var entry : entries.values()) {
            if (entry.wish().isPending()) {
                var turn = turn(entry, verdict(entry, true));
                turn.ifPresentOrElse(turns::add, () -> waiting.add(entry));
            }
        }
        var due = turns.build();
        if (!due.isEmpty()) {
            return due;
        }
        // Nothing but orders that contradict each other; who fails only for that lets the others go first.
        var unordered = waiting.stream()
                .filter(entry -> reaches(entry, entry.name(), new HashSet<>()))
                .flatMap(entry -> turn(entry, verdict(entry, false)).stream())
                .toList();
        return Stream.concat(
                        unordered.stream().filter(turn -> !(turn instanceof Turn.Fail)),
                        unordered.stream().filter(Turn.Fail.class::isInstance))
                .limit(1)
                .collect(ImmutableList.toImmutableList());
    }

    private static Optional<Turn> turn(Entry entry, Verdict verdict) {
        return switch (verdict) {
            case Verdict.Go _ -> Optional.of(new Turn.Begin(entry.name()));
            case Verdict.Needless _ -> Optional.of(new Turn.Done(entry.name()));
            case Verdict.Oust(UnitName other) -> Optional.of(new Turn.Oust(entry.name(), other));
            case Verdict.Impossible(UnitName other, String because) ->
                Optional.of(new Turn.Fail(entry.name(), other, because));
            case Verdict.Wait _ -> Optional.empty();
        };
    }

    /// What a pending job waits for, in words; empty if it waits for nothing.
    String waitsFor(Entry entry) {
        if (entry.wish().job() != Job.START || !(verdict(entry, true) instanceof Verdict.Wait(_, String because))) {
            return "";
        }
        return because;
    }

    /// When a wait for a unit to be loaded ends, should one be under way.
    Optional<Instant> nextDeadline() {
        return entries.values().stream()
                .filter(entry -> entry.wish().job() == Job.START && missing(entry).isPresent())
                .map(entry -> entry.wish().asked().plus(GRACE))
                .filter(at -> at.isAfter(now))
                .min(Instant::compareTo);
    }

    /// @param ordered whether to wait for other jobs by `After=` and `Before=`
    private Verdict verdict(Entry entry, boolean ordered) {
        return switch (entry.wish().job()) {
            case NONE -> new Verdict.Needless();
            case START -> startVerdict(entry, ordered);
            case STOP, RESTART -> stopVerdict(entry, ordered);
        };
    }

    private Verdict stopVerdict(Entry entry, boolean ordered) {
        if (entry.phase().isDown()) {
            return entry.wish().job() == Job.RESTART ? new Verdict.Go() : new Verdict.Needless();
        }
        for (var other : entries.values()) {
            boolean pending = other.wish().isPending();
            if (comesAfter(other, entry) && isBeingStopped(other) && (ordered || !pending)) {
                return new Verdict.Wait(other.name(), "waits for " + other.name() + " to stop");
            }
        }
        return new Verdict.Go();
    }

    private Verdict startVerdict(Entry entry, boolean ordered) {
        if (entry.phase().isUp() || entry.phase().isStarting()) {
            return new Verdict.Needless();
        }
        if (entry.phase().isStopping()) {
            return new Verdict.Wait(entry.name(), "waits until it has stopped");
        }
        var missing = missing(entry);
        if (missing.isPresent()) {
            var name = missing.get();
            return entry.wish().asked().plus(GRACE).isAfter(now)
                    ? new Verdict.Wait(name, "waits for " + name + " to be loaded on this machine")
                    : new Verdict.Impossible(name, "requires " + name + ", which is not loaded on this machine");
        }
        for (var other : entries.values()) {
            if (!other.name().equals(entry.name())) {
                var verdict = beside(entry, other, ordered);
                if (!(verdict instanceof Verdict.Go)) {
                    return verdict;
                }
            }
        }
        return new Verdict.Go();
    }

    /// Whether a unit may start as far as one other is concerned.
    private static Verdict beside(Entry entry, Entry other, boolean ordered) {
        boolean after = comesAfter(entry, other);
        boolean conflict = conflict(entry, other);
        boolean needs = entry.relations().needed().contains(other.name());
        boolean stopping = isBeingStopped(other);
        if (conflict && needs) {
            return new Verdict.Impossible(
                    other.name(), "requires " + other.name() + ", and conflicts with it");
        }
        if (stopping && (conflict || after || comesAfter(other, entry))) {
            return new Verdict.Wait(other.name(), "waits for " + other.name() + " to stop");
        }
        if (conflict && other.wish().job() == Job.START && isLater(other, entry)) {
            return new Verdict.Needless();
        }
        if (conflict && !other.phase().isDown()) {
            return new Verdict.Oust(other.name());
        }
        boolean coming = other.wish().job() == Job.START || other.phase().isStarting()
                || needs && other.phase() == Phase.AUTO_RESTART;
        if (after && coming && (ordered || other.wish().job() != Job.START)) {
            return new Verdict.Wait(other.name(), "waits for " + other.name() + " to start");
        }
        boolean mustBeUp = needs && (after || entry.relations().requisite().contains(other.name()) && !coming);
        if (mustBeUp && !other.phase().isUp()) {
            return new Verdict.Impossible(
                    other.name(), "requires " + other.name() + ", which is " + other.phase().active());
        }
        return new Verdict.Go();
    }

    /// A unit that this one needs, and that is not here.
    private Optional<UnitName> missing(Entry entry) {
        return entry.relations().needed().stream()
                .filter(name -> !entries.containsKey(name) && !ALWAYS_THERE.contains(name.full()))
                .findFirst();
    }

    private static boolean isBeingStopped(Entry entry) {
        return switch (entry.wish().job()) {
            case STOP, RESTART -> !entry.phase().isDown();
            case NONE, START -> entry.phase().isStopping();
        };
    }

    /// Whether a unit that is to start cannot be up together with another.
    static boolean conflict(Entry starting, Entry other) {
        return starting.fresh().relations().conflicts().contains(other.name())
                || other.relations().conflicts().contains(starting.name());
    }

    /// Of two starts asked for at the same time, the one that comes later by name.
    private static boolean isLater(Entry one, Entry other) {
        int order = one.wish().asked().compareTo(other.wish().asked());
        return order > 0 || order == 0 && one.name().compareTo(other.name()) > 0;
    }

    private static boolean comesAfter(Entry later, Entry earlier) {
        return later.relations().after().contains(earlier.name())
                || earlier.relations().before().contains(later.name());
    }

    /// Whether a waiting job waits, over others that wait themselves, for a unit.
    private boolean reaches(Entry from, UnitName goal, Set<UnitName> seen) {
        for (var other : waitedFor(from)) {
            if (other.name().equals(goal)) {
                return true;
            }
            if (seen.add(other.name()) && reaches(other, goal, seen)) {
                return true;
            }
        }
        return false;
    }

    private List<Entry> waitedFor(Entry entry) {
        return entries.values().stream()
                .filter(other -> !other.name().equals(entry.name()) && other.wish().isPending())
                .filter(other -> entry.wish().job() == Job.START
                        ? comesAfter(entry, other)
                        : comesAfter(other, entry))
                .toList();
    }
}
