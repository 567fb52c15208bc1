package io.flota.agent.runtime.systemd;

import static com.google.common.collect.ImmutableList.toImmutableList;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSortedMap;
import io.flota.agent.runtime.UnitRuntime.Standing;
import io.flota.agent.runtime.UnitRuntime.UnitToStart;
import io.flota.agent.runtime.systemd.Entry.Bond;
import io.flota.agent.runtime.systemd.Entry.Broken;
import io.flota.agent.runtime.systemd.Wish.Job;
import io.flota.agent.runtime.systemd.Wish.Outcome;
import io.flota.agent.steps.Guard;
import io.flota.unit.UnitName;
import io.flota.unit.UnitProperties;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.UnaryOperator;

/// Decides what is to be done with the machine's units: takes in what is asked for, what systemd says of each, and what
/// came of what was done. Does nothing itself, but that it asks why a start was refused. For several threads.
///
/// Times without a date are since the machine's boot.
final class Units extends Ledger {
    private static final String KILLED = "killed, for this machine's lease in etcd was not renewed in time";
    private static final String REFUSED = "not started, for this machine's lease in etcd was not renewed in time";
    /// How much the watchdog may be ahead of its time, by how finely times are told.
    private static final Duration BLUR = Duration.ofMillis(100);

    /// Why the start condition of a unit has said no.
    private final Function<UnitName, Optional<String>> refusals;

    Units(Function<UnitName, Optional<String>> refusals) {
        this.refusals = refusals;
    }

    // What is asked for

    synchronized void load(UnitName name, String hash, Composed file, Instant wall) {
        var before = Optional.ofNullable(entries.get(name));
        boolean same = before.filter(old -> old.hash().equals(hash) && old.file().text().equals(file.text()))
                .isPresent();
        if (same) {
            update(before.get().with(before.get().wish().withUnload(false).withLeaving(false)));
            return;
        }
        var guard = before.filter(old -> !old.isDown()).flatMap(Entry::guard);
        var wish = before.map(old -> old.wish().withUnload(false).withLeaving(false)).orElse(Wish.NOTHING);
        var seen = before.map(Entry::seen).orElse(Seen.NOTHING.since(wall));
        var limits = before.map(Entry::limits).orElse(Limits.NONE);
        update(new Entry(name, hash, file, file.broken(), wish, limits, guard, seen));
        reload(name);
        toLimit.add(name);
    }

    synchronized void setProperties(UnitName name, UnitProperties properties) {
        var entry = entries.get(name);
        if (entry != null && !entry.limits().wanted().equals(properties)) {
            update(entry.with(new Limits(properties, "")));
            toLimit.add(name);
        }
    }

    synchronized void start(UnitToStart unit, Duration now) {
        var entry = entries.get(unit.name());
        if (entry == null) {
            return;
        }
        var wish = entry.wish();
        if (entry.broken().isPresent()) {
            update(entry.with(wish.runs(unit.generation(), unit.epochBase())));
            return;
        }
        // One that only others needed so far becomes wanted for itself; that is no reason to restart it.
        boolean same = wish.generation() == unit.generation() || wish.generation() == 0;
        boolean runs = !entry.isDown() && !entry.seen().isStopping() && !entry.is(Job.STOP);
        if (same && (runs || entry.is(Job.START))) {
            update(entry.with(wish.runs(unit.generation(), unit.epochBase())));
            return;
        }
        // A start of before that is on its way may be seen as a run at any time: it is not this one.
        long before = jobs.mayStart(unit.name()) ? Wish.ANY : entry.seen().run();
        var wanted = entry.with(wish.toStart(unit.generation(), unit.epochBase(), before));
        update(wanted.mayStart(now) ? wanted : struck(wanted, REFUSED));
    }

    synchronized void stop(UnitName name) {
        var entry = entries.get(name);
        if (entry != null && !entry.is(Job.STOP)) {
            update(entry.with(staysDown(entry) ? entry.wish().stopped() : entry.wish().toStop()));
        }
    }

    /// Whether there is nothing to stop, whatever may be on its way. One that others may have started just now, and that
    /// counts on not being up elsewhere, is down for certain only after systemd was asked to stop it.
    private boolean staysDown(Entry entry) {
        boolean shared = entry.wish().leaving() || entry.wish().epochBase() != 0;
        return entry.isDown() && entry.is(Job.NONE) && !jobs.mayStart(entry.name()) && !shared;
    }

    /// Stops it, and has it started for no other unit's sake.
    synchronized void release(UnitName name) {
        Optional.ofNullable(entries.get(name)).ifPresent(entry -> update(entry.with(entry.wish().withLeaving(true))));
        stop(name);
    }

    synchronized void unload(UnitName name) {
        var entry = entries.get(name);
        if (entry != null) {
            update(entry.with(entry.wish().withUnload(true)));
            stop(name);
        }
    }

    // Guards

    synchronized void guard(Collection<Guard> guards, Duration now) {
        guards.forEach(guard -> accepting(guard, now).ifPresent(entry -> entries.put(entry.name(), entry.with(guard))));
    }

    /// What would stand after [#guard].
    synchronized ImmutableList<Guard> guardsWith(Collection<Guard> guards, Duration now) {
        var all = new TreeMap<UnitName, Guard>();
        entries.values().stream()
                .filter(entry -> !entry.isDown() || !entry.isOver(now))
                .flatMap(entry -> entry.guard().stream())
                .forEach(guard -> all.put(guard.unit(), guard));
        guards.forEach(guard -> accepting(guard, now).ifPresent(_ -> all.put(guard.unit(), guard)));
        return ImmutableList.copyOf(all.values());
    }

    private Optional<Entry> accepting(Guard guard, Duration now) {
        return Optional.ofNullable(entries.get(guard.unit()))
                .filter(entry -> entry.file().bond() != Bond.FREE || entry.guard().isPresent())
                .filter(entry -> entry.isDown() || !entry.isOver(now));
    }

    /// Those of these units that need no guard, and have none.
    synchronized ImmutableList<UnitName> unguarded(Collection<UnitName> guarded) {
        return all(entry -> entry.file().bond() == Bond.FREE && entry.guard().isEmpty()).stream()
                .map(Entry::name)
                .filter(guarded::contains)
                .collect(toImmutableList());
    }

    synchronized ImmutableSortedMap<UnitName, Standing> guards() {
        var guards = ImmutableSortedMap.<UnitName, Standing>naturalOrder();
        entries.values().forEach(entry -> entry.guard().ifPresent(guard -> guards.put(
                entry.name(), new Standing(guard, entry.wish().outcome() == Outcome.STRUCK))));
        return guards.build();
    }

    // What happens

    /// A unit of an earlier agent. What systemd says of it is seen next.
    synchronized void adopt(Entry entry) {
        entries.put(entry.name(), entry);
        unbarred.add(entry.name()); // the agent may have ended before it could
        paths.put(Systemd.path(entry.name().full()), entry.name());
        toLimit.add(entry.name());
    }

    /// All units of before are gone, at one stroke: a unit that is still known is never seen to be missing.
    synchronized void replace(Collection<Entry> known) {
        clear();
        known.forEach(this::adopt);
    }

    /// @return whether it concerns a unit of ours, and changes something
    synchronized boolean changed(String path, Map<String, Object> properties, Duration now, Instant wall) {
        var name = paths.get(path);
        if (name == null) {
            return false;
        }
        var entry = entries.get(name);
        var seen = entry.seen().with(properties);
        boolean anothers = entry.isForeign() && entry.isDown();
        if (anothers || seen.equals(entry.seen())) {
            return false;
        }
        see(entry, seen.since().equals(Instant.EPOCH) ? seen.since(wall) : seen, now, wall);
        return true;
    }

    /// A unit of ours that comes up, and not because systemd was asked for that; empty if it is none.
    synchronized Optional<UnitName> risen(String path, Map<String, Object> properties) {
        return Optional.ofNullable(paths.get(path))
                .map(entries::get)
                .filter(entry -> entry.isDown() && !jobs.mayStart(entry.name()) && !entry.isForeign())
                .filter(entry -> !entry.seen().with(properties).isDown())
                .map(Entry::name);
    }

    private void see(Entry before, Seen seen, Duration now, Instant wall) {
        var entry = before.with(seen);
        entries.put(entry.name(), entry);
        if (before.isDown() != seen.isDown()) {
            unsaved.add(entry.name());
        }
        if (!before.isDown() && seen.isDown()) {
            var at = now.minus(Duration.between(seen.since(), wall)).plus(BLUR);
            boolean struck = entry.isOver(at.compareTo(now) < 0 ? at : now) || refusal(entry).isPresent();
            update(struck ? struck(entry, refusal(entry).orElse(KILLED)) : entry);
        }
        boolean another = before.seen().run() != 0 && seen.run() != before.seen().run();
        boolean free = entry.file().bond() == Bond.FREE && !toLoad.contains(entry.name());
        if (free && entry.guard().isPresent() && (seen.isDown() || another)) {
            update(entries.get(entry.name()).withoutGuard()); // it was of a run with another file
        }
    }

    /// systemd forgets soon why a unit that is down did not start; the condition has written it down.
    private Optional<String> refusal(Entry entry) {
        boolean asked = entry.file().bond() != Bond.FREE && entry.isDown();
        return asked ? refusals.apply(entry.name()).map(because -> "not started, for " + because) : Optional.empty();
    }

    private static Entry struck(Entry entry, String because) {
        return entry.with(entry.wish().noted(Outcome.STRUCK, because));
    }

    /// A job has ended.
    ///
    /// @return whether it was one of ours
    synchronized boolean ended(String job, UnitName name, String result) {
        var end = jobs.ended(name, job);
        if (end == Jobs.End.WANTED) {
            ended(entries.get(name), result);
        }
        return end != Jobs.End.ANOTHERS;
    }

    private void ended(Entry entry, String result) {
        switch (entry.wish().job()) {
            case START -> {
                var refused = refusal(entry);
                update(refused.map(because -> struck(entry, because)).orElse(entry.with(entry.afterStart(result))));
            }
            case STOP -> {
                if (result.equals("done") || entry.isDown()) {
                    update(entry.with(entry.wish().stopped()));
                } else {
                    putOff(entry, result);
                }
            }
            case NONE -> throw new IllegalStateException("a job of " + entry.name() + " that nobody wants is wanted");
        }
    }

    /// systemd, asked anew, says this of a unit. What was asked for before the connection was lost, or by an earlier
    /// agent, may have been done since; if it is not certain to have been, it is asked for again, which does no harm.
    ///
    /// @param job what systemd is about to do with it
    synchronized void resync(
            UnitName name, Map<String, Object> properties, Optional<Jobs.Listed> job, Duration now, Instant wall) {
        var entry = entries.get(name);
        if (entry == null) {
            return;
        }
        var seen = Seen.NOTHING.with(properties);
        boolean unknown = seen.since().equals(Instant.EPOCH);
        see(entry, unknown ? seen.since(entry.isDown() ? entry.seen().since() : wall) : seen, now, wall);
        jobs.forget(name);
        job.ifPresent(listed -> jobs.found(name, listed));
        var asked = entries.get(name);
        if (asked.is(Job.START) && job.isEmpty() && asked.wish().isBegunBy(asked.seen().run())) {
            update(asked.with(asked.wish().done()));
        }
    }

    // What came of what was done

    /// @param problem why its limits do not hold; empty if they do
    synchronized void limited(Entry entry, String problem) {
        var now = entries.get(entry.name());
        if (now != null && now.limits().wanted().equals(entry.limits().wanted())) {
            toLimit.remove(entry.name());
            entries.put(entry.name(), now.with(now.limits().because(problem)));
        }
    }

    synchronized void broke(UnitName name, Broken because) {
        Optional.ofNullable(entries.get(name))
                .filter(entry -> !entry.broken().equals(Optional.of(because)))
                .ifPresent(entry -> update(entry.broken(because)));
    }

    /// systemd has taken its file.
    synchronized void mended(UnitName name) {
        Optional.ofNullable(entries.get(name)).filter(Entry::isKeptOut).ifPresent(entry -> update(entry.mended()));
    }

    /// A start that is not to be made.
    synchronized void failed(Entry start, String because) {
        ifWanted(start, entry -> entry.with(entry.wish().noted(Outcome.FAILED, because)));
    }

    /// A start that is not to be made, for its time is over.
    synchronized void strike(Entry start, String because) {
        ifWanted(start, entry -> struck(entry, because));
    }

    private void ifWanted(Entry asked, UnaryOperator<Entry> then) {
        Optional.ofNullable(entries.get(asked.name()))
                .filter(entry -> entry.wish().asksAs(asked.wish()))
                .ifPresent(entry -> update(then.apply(entry)));
    }

    /// systemd is asked for it now.
    ///
    /// @return false if it is not wanted any more: then it must not be asked
    synchronized boolean asking(Entry asked) {
        var entry = entries.get(asked.name());
        boolean wanted = entry != null && entry.wish().asksAs(asked.wish());
        if (wanted) {
            jobs.asking(asked.name(), asked.wish().job());
        }
        return wanted;
    }

    /// systemd has taken a job.
    synchronized void taken(UnitName name, String job) {
        jobs.taken(name, job);
    }

    synchronized void refusedStart(UnitName name, String because) {
        if (jobs.refused(name)) {
            var entry = entries.get(name);
            update(entry.with(entry.wish().noted(Outcome.FAILED, "systemd does not start it: " + because)));
        }
    }

    /// It may run: that is said, and it is asked for again.
    synchronized void refusedStop(UnitName name, String because) {
        if (jobs.refused(name)) {
            putOff(entries.get(name), because);
        }
    }

    private void putOff(Entry entry, String because) {
        putOff.add(entry.name());
        update(entry.with(entry.wish().noted(entry.wish().outcome(), "systemd does not stop it: " + because)));
    }

    /// systemd knows nothing of a unit that was to stop.
    synchronized void vanished(UnitName name) {
        jobs.forget(name);
        Optional.ofNullable(entries.get(name))
                .map(entry -> entry.isDown() ? entry : entry.with(Seen.NOTHING))
                .ifPresent(entry -> update(entry.is(Job.STOP) ? entry.with(entry.wish().stopped()) : entry));
    }

    /// What was to be awaited is not heard of any more.
    synchronized void disconnected() {
        jobs.clear();
    }
}
