package io.flota.agent.runtime.systemd;

import static com.google.common.collect.ImmutableList.toImmutableList;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSortedMap;
import io.flota.agent.runtime.systemd.Wish.Job;
import io.flota.unit.UnitName;
import io.flota.unit.UnitState;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;

/// All units of the machine, and what of each is yet to be done. What is to be done is up to
/// [Units]. For several threads.
abstract sealed class Ledger permits Units {
    final TreeMap<UnitName, Entry> entries = new TreeMap<>();
    final TreeMap<String, UnitName> paths = new TreeMap<>();
    final Jobs jobs = new Jobs();
    final TreeSet<UnitName> toLoad = new TreeSet<>();
    /// Those whose limits systemd is to be told, or which it may have from before.
    final TreeSet<UnitName> toLimit = new TreeSet<>();
    final TreeSet<UnitName> unsaved = new TreeSet<>();
    /// Those that other units can, or cannot, have started, other than their files say.
    final TreeSet<UnitName> unbarred = new TreeSet<>();
    /// Those that systemd did not stop, and is not to be asked to for a while.
    final TreeSet<UnitName> putOff = new TreeSet<>();

    // What is to be done

    synchronized Work work() {
        return new Work(
                all(entry -> entry.is(Job.STOP) && !jobs.awaits(entry.name()) && !putOff.contains(entry.name())),
                all(entry -> entry.wish().unload() && entry.isDown() && entry.is(Job.NONE)),
                // One that is to be forgotten is not linked again behind that.
                all(entry -> toLoad.contains(entry.name()) && !entry.wish().unload()),
                all(entry -> toLimit.contains(entry.name()) && !toLoad.contains(entry.name())),
                all(entry -> entry.is(Job.START) && !jobs.awaits(entry.name()) && !toLoad.contains(entry.name())),
                unsaved.stream().map(entries::get).collect(toImmutableList()),
                unbarred.stream().map(entries::get).collect(toImmutableList()));
    }

    final ImmutableList<Entry> all(Predicate<Entry> due) {
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

    synchronized void wasLoaded(Entry entry) {
        var now = entries.get(entry.name());
        if (now != null && now.file().equals(entry.file())) {
            toLoad.remove(entry.name());
        }
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
            putOff.remove(name);
            jobs.forget(name);
        }
        return still;
    }

    /// All units are gone.
    final void clear() {
        entries.clear();
        paths.clear();
        jobs.clear();
        toLoad.clear();
        toLimit.clear();
        unsaved.clear();
        unbarred.clear();
        putOff.clear();
    }

    /// Whether there are stops that systemd is to be asked for again.
    synchronized boolean putsOff() {
        return !putOff.isEmpty();
    }

    synchronized void askAgain() {
        putOff.clear();
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
        entries.forEach((name, entry) -> states.put(name, entry.state(!unbarred.contains(name))));
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

    /// The one way by which what is wanted of a unit changes.
    final void update(Entry entry) {
        var before = entries.put(entry.name(), entry);
        if (before == null || !entry.wish().isBarredAs(before.wish())) {
            unbarred.add(entry.name());
        }
        if (before != null && !entry.wish().asksAs(before.wish())) {
            jobs.outdate(entry.name());
            putOff.remove(entry.name());
        }
        paths.put(Systemd.path(entry.name().full()), entry.name());
        unsaved.add(entry.name());
    }
}
