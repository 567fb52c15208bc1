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
import io.flota.unit.UnitState;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;

/// All units of the machine: what is wanted of each, and what systemd says of it. Takes in what is asked for and what
/// happens, and says what is to be done; does nothing itself. For several threads.
///
/// Times without a date are since the machine's boot.
final class Units {
    private static final String KILLED = "killed, for this machine's lease in etcd was not renewed in time";
    private static final String REFUSED = "not started, for this machine's lease in etcd was not renewed in time";
    /// How much the watchdog may be ahead of its time, by how finely times are told.
    private static final Duration BLUR = Duration.ofMillis(100);

    /// Why the start condition of a unit has said no.
    private final Function<UnitName, Optional<String>> refusals;
    private final TreeMap<UnitName, Entry> entries = new TreeMap<>();
    private final TreeMap<String, UnitName> paths = new TreeMap<>();
    /// The jobs that systemd has taken, by unit.
    private final TreeMap<UnitName, String> jobs = new TreeMap<>();
    private final TreeSet<UnitName> toLoad = new TreeSet<>();
    /// Those whose limits systemd is to be told, or which it may have from before.
    private final TreeSet<UnitName> toLimit = new TreeSet<>();
    private final TreeSet<UnitName> unsaved = new TreeSet<>();
    /// Those that other units can, or cannot, have started, other than their files say.
    private final TreeSet<UnitName> unbarred = new TreeSet<>();

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
        toLoad.add(name);
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
        jobs.remove(unit.name());
        long running = entry.isDown() ? 0 : entry.seen().run();
        var wanted = entry.with(wish.toStart(unit.generation(), unit.epochBase(), running));
        update(wanted.mayStart(now) ? wanted : struck(wanted, REFUSED));
    }

    synchronized void stop(UnitName name) {
        var entry = entries.get(name);
        if (entry == null) {
            return;
        }
        boolean nothingToStop = entry.isDown() && !jobs.containsKey(name);
        if (nothingToStop) {
            update(entry.with(entry.wish().stopped()));
        } else if (!entry.is(Job.STOP)) {
            jobs.remove(name);
            update(entry.with(entry.wish().toStop()));
        }
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
        paths.put(Systemd.path(entry.name().full()), entry.name());
        toLimit.add(entry.name());
    }

    /// All units are gone.
    synchronized void clear() {
        entries.clear();
        paths.clear();
        jobs.clear();
        toLoad.clear();
        toLimit.clear();
        unsaved.clear();
        unbarred.clear();
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

    /// A unit of ours that comes up, and not because it was asked for here: before its file was read, none was. Empty if
    /// it is none.
    synchronized Optional<UnitName> risen(String path, Map<String, Object> properties) {
        return Optional.ofNullable(paths.get(path))
                .map(entries::get)
                .filter(entry -> entry.isDown() && !entry.isForeign())
                .filter(entry -> !entry.is(Job.START) || toLoad.contains(entry.name()))
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
            // What was asked for while it ran is over with it, but for a start that comes after.
            var wish = entry.is(Job.STOP) ? entry.wish().stopped() : entry.wish();
            boolean struck = entry.isOver(at.compareTo(now) < 0 ? at : now) || refusal(entry).isPresent();
            update(struck ? struck(entry.with(wish), refusal(entry).orElse(KILLED)) : entry.with(wish));
            if (entry.is(Job.STOP)) {
                jobs.remove(entry.name());
            }
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

    private Entry struck(Entry entry, String because) {
        jobs.remove(entry.name());
        return entry.with(entry.wish().noted(Outcome.STRUCK, because));
    }

    /// A job has ended.
    ///
    /// @return whether it was one of ours
    synchronized boolean ended(String job, UnitName name, String result) {
        var entry = entries.get(name);
        if (entry == null || !job.equals(jobs.get(name))) {
            return false;
        }
        jobs.remove(name);
        var refused = refusal(entry);
        if (entry.is(Job.START) && refused.isPresent()) {
            update(struck(entry, refused.get()));
        } else if (entry.is(Job.START)) {
            update(entry.with(entry.wish().started(result, entry.seen().active().equals("inactive"))));
        } else {
            update(entry.with(entry.wish().done()));
        }
        return true;
    }

    /// systemd, asked anew, says this of a unit. What was asked for before the connection was lost, or by an earlier
    /// agent, may have been done since.
    ///
    /// @param job the path of what systemd is about to do with it; empty if nothing
    synchronized void resync(
            UnitName name, Map<String, Object> properties, Optional<String> job, Duration now, Instant wall) {
        var entry = entries.get(name);
        if (entry == null) {
            return;
        }
        var seen = Seen.NOTHING.with(properties);
        boolean unknown = seen.since().equals(Instant.EPOCH);
        see(entry, unknown ? seen.since(entry.isDown() ? entry.seen().since() : wall) : seen, now, wall);
        jobs.remove(name);
        job.ifPresent(path -> jobs.put(name, path));
        var asked = entries.get(name);
        boolean another = asked.seen().run() != asked.wish().replaced();
        boolean began = !asked.isDown() && another || asked.seen().active().equals("failed");
        if (asked.is(Job.START) && job.isEmpty() && began) {
            update(asked.with(asked.wish().done()));
        }
    }

    // What is to be done

    synchronized Work work() {
        return new Work(
                all(entry -> entry.is(Job.STOP) && !jobs.containsKey(entry.name())),
                all(entry -> entry.wish().unload() && entry.isDown() && entry.is(Job.NONE)),
                toLoad.stream().map(entries::get).collect(toImmutableList()),
                all(entry -> toLimit.contains(entry.name()) && !toLoad.contains(entry.name())),
                all(entry -> entry.is(Job.START) && !jobs.containsKey(entry.name()) && !toLoad.contains(entry.name())),
                unsaved.stream().map(entries::get).collect(toImmutableList()),
                unbarred.stream().map(entries::get).collect(toImmutableList()));
    }

    private ImmutableList<Entry> all(java.util.function.Predicate<Entry> due) {
        return entries.values().stream().filter(due).collect(toImmutableList());
    }

    synchronized void saved(Entry entry) {
        if (entry.equals(entries.get(entry.name()))) {
            unsaved.remove(entry.name());
        }
    }

    synchronized void barred(Entry entry) {
        var now = entries.get(entry.name());
        if (now != null && now.wish().isBarredAs(entry.wish())) {
            unbarred.remove(entry.name());
        }
    }

    synchronized void loaded(Entry entry) {
        var now = entries.get(entry.name());
        if (now != null && now.file().equals(entry.file())) {
            toLoad.remove(entry.name());
        }
    }

    /// @param problem why its limits do not hold; empty if they do
    synchronized void limited(Entry entry, String problem) {
        var now = entries.get(entry.name());
        if (now != null && now.limits().wanted().equals(entry.limits().wanted())) {
            toLimit.remove(entry.name());
            entries.put(entry.name(), now.with(now.limits().because(problem)));
        }
    }

    synchronized void broke(UnitName name, Broken because) {
        Optional.ofNullable(entries.get(name)).ifPresent(entry -> update(entry.broken(because)));
    }

    synchronized void failed(UnitName name, String because) {
        Optional.ofNullable(entries.get(name))
                .ifPresent(entry -> update(entry.with(entry.wish().noted(Outcome.FAILED, because))));
    }

    synchronized void strike(UnitName name, String because) {
        Optional.ofNullable(entries.get(name)).ifPresent(entry -> update(struck(entry, because)));
    }

    /// systemd has taken a job.
    synchronized void asked(UnitName name, String job) {
        jobs.put(name, job);
    }

    /// systemd knows nothing of a unit that was to stop.
    synchronized void isDown(UnitName name) {
        Optional.ofNullable(entries.get(name)).ifPresent(entry -> update(
                entry.with(entry.wish().stopped()).with(entry.isDown() ? entry.seen() : Seen.NOTHING)));
    }

    /// @return whether it is forgotten: it may be wanted again by now
    synchronized boolean forget(UnitName name) {
        var entry = entries.get(name);
        boolean still = entry != null && entry.wish().unload() && entry.isDown() && entry.is(Job.NONE);
        if (still) {
            entries.remove(name);
            paths.remove(Systemd.path(name.full()));
            toLoad.remove(name);
            toLimit.remove(name);
            unsaved.remove(name);
            unbarred.remove(name);
            jobs.remove(name);
        }
        return still;
    }

    /// What was to be awaited is not heard of any more.
    synchronized void disconnected() {
        jobs.clear();
    }

    /// Has a file written and read again.
    synchronized void reload(UnitName name) {
        if (entries.containsKey(name)) {
            toLoad.add(name);
        }
    }

    /// Has everything written down again.
    synchronized void distrustFiles() {
        unsaved.addAll(entries.keySet());
        unbarred.addAll(entries.keySet());
        toLoad.addAll(entries.keySet());
        toLimit.addAll(entries.keySet());
    }

    // What is seen from outside

    synchronized ImmutableSortedMap<UnitName, UnitState> states() {
        var states = ImmutableSortedMap.<UnitName, UnitState>naturalOrder();
        entries.forEach((name, entry) -> states.put(name, entry.state()));
        return states.build();
    }

    synchronized ImmutableList<Entry> entries() {
        return ImmutableList.copyOf(entries.values());
    }

    /// Those whose file has been read.
    synchronized ImmutableList<Entry> loaded() {
        return all(entry -> !toLoad.contains(entry.name()));
    }

    synchronized boolean knows(UnitName name) {
        return entries.containsKey(name);
    }

    private void update(Entry entry) {
        var before = entries.put(entry.name(), entry);
        if (before == null || !entry.wish().isBarredAs(before.wish())) {
            unbarred.add(entry.name());
        }
        paths.put(Systemd.path(entry.name().full()), entry.name());
        unsaved.add(entry.name());
    }
}
