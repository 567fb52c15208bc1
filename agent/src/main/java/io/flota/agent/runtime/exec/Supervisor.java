package io.flota.agent.runtime.exec;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSortedMap;
import io.flota.agent.runtime.UnitRuntime.Standing;
import io.flota.agent.runtime.UnitRuntime.UnitToLoad;
import io.flota.agent.runtime.UnitRuntime.UnitToStart;
import io.flota.agent.runtime.exec.Entry.Loaded;
import io.flota.agent.runtime.exec.Wish.Job;
import io.flota.agent.steps.Guard;
import io.flota.unit.UnitName;
import io.flota.unit.UnitProperties;
import io.flota.unit.UnitState;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;

/// All units of the machine and what is to become of them: jobs, their order, and what one unit's fate means for
/// others. Pure: takes what happens and the time, and collects what is to be done until it is taken.
final class Supervisor {
    private static final String REFUSED = "not started, for this machine's lease in etcd was not renewed in time";

    private final TreeMap<UnitName, Entry> entries = new TreeMap<>();
    private final List<Task> tasks = new ArrayList<>();
    private Instant now = Instant.EPOCH;

    /// Takes over a unit that an earlier agent ran.
    void adopt(Entry entry) {
        entries.put(entry.name(), entry);
        if (!entry.phase().isDown()) {
            happened(entry.name(), new Event.Adopt());
            update(entries.get(entry.name()), entry.limiting()); // an agent may have ended before it did
        } else if (entry.wish().unload()) {
            forget(entry.name());
        }
    }

    void at(Instant time) {
        now = time;
    }

    // What is asked for

    void load(UnitToLoad unit, Loaded loaded) {
        var before = Optional.ofNullable(entries.get(unit.name()));
        boolean same = before.filter(old -> old.file().hash().equals(unit.file().hash())).isPresent();
        var entry = before.map(old -> old.with(unit.file(), loaded)).orElseGet(() -> Entry.of(unit, loaded, now));
        if (!same) {
            tasks.add(new Task.SaveFile(entry, entry.running().isPresent()));
        }
        update(entry, ImmutableList.of());
        boolean awaited = before.isEmpty()
                && others(unit.name()).stream().anyMatch(other -> other.wish().job() == Job.START
                        && other.fresh().relations().pulledIn().contains(unit.name()));
        if (awaited) {
            startAlong(unit.name());
        }
    }

    void setProperties(UnitName unit, UnitProperties properties) {
        var entry = entries.get(unit);
        if (entry != null) {
            update(entry.with(entry.wish().with(properties)), entry.limiting());
        }
    }

    ImmutableSortedMap<UnitName, UnitProperties> properties() {
        var properties = ImmutableSortedMap.<UnitName, UnitProperties>naturalOrder();
        entries.forEach((unit, entry) -> properties.put(unit, entry.wish().properties()));
        return properties.build();
    }

    /// Sets until when units may live, but for those whose time is over and that are not down yet.
    void guard(Collection<Term> terms) {
        terms.forEach(term -> accepting(term).ifPresent(entry -> entries.put(entry.name(), entry.with(term))));
    }

    /// What would stand after [#guard].
    ImmutableList<Guard> guardsWith(Collection<Term> terms) {
        var all = new TreeMap<UnitName, Guard>();
        entries.values().stream()
                .filter(entry -> !entry.phase().isDown() || !entry.hasStruck(now))
                .flatMap(entry -> entry.term().stream())
                .forEach(term -> all.put(term.guard().unit(), term.guard()));
        terms.forEach(term -> accepting(term).ifPresent(_ -> all.put(term.guard().unit(), term.guard())));
        return ImmutableList.copyOf(all.values());
    }

    private Optional<Entry> accepting(Term term) {
        return Optional.ofNullable(entries.get(term.guard().unit()))
                .filter(entry -> entry.phase().isDown() || !entry.hasStruck(now));
    }

    ImmutableSortedMap<UnitName, Standing> guards() {
        var guards = ImmutableSortedMap.<UnitName, Standing>naturalOrder();
        entries.values().forEach(entry -> entry.term().ifPresent(until -> guards.put(
                entry.name(), new Standing(until.guard(), entry.life().result() == Result.FENCED))));
        return guards.build();
    }

    void start(UnitToStart unit) {
        var entry = entries.get(unit.name());
        if (entry == null) {
            return;
        }
        happened(unit.name(), new Event.Pardoned());
        entry = entries.get(unit.name());
        var wish = entry.wish();
        // One that only others needed so far becomes wanted for itself; that is no reason to restart it.
        boolean same = wish.generation() == unit.generation()
                || wish.generation() == 0 && !entry.life().stopRequested();
        var next = wish.withGeneration(unit.generation())
                .withEpochBase(unit.epochBase())
                .with(Optional.empty())
                .withUnload(false)
                .withLeaving(false);
        boolean goingDown = wish.job() == Job.STOP || wish.job() == Job.RESTART;
        boolean runs = !entry.phase().isDown() && !entry.phase().isStopping();
        if (!entry.isReadable() || runs && same && !goingDown) {
            update(entry.with(next), ImmutableList.of());
        } else if (runs) {
            update(entry.with(next.with(Job.RESTART, now)), ImmutableList.of());
            stopDependents(unit.name());
        } else {
            update(entry.with(next.with(Job.START, now)), ImmutableList.of());
            pullIn(entry.name(), new HashSet<>());
        }
    }

    /// An exclusive unit has no epoch from then on, so that only the agent can start it.
    void stop(UnitName unit) {
        var entry = entries.get(unit);
        if (entry != null) {
            update(entry.with(entry.wish().withGeneration(0).withEpochBase(0)), ImmutableList.of());
            enqueueStop(unit, Optional.empty(), "");
        }
    }

    /// Stops it, and starts it for no other unit's sake.
    void release(UnitName unit) {
        var entry = entries.get(unit);
        if (entry != null) {
            update(entry.with(entry.wish().withLeaving(true)), ImmutableList.of());
            stop(unit);
        }
    }

    void unload(UnitName unit) {
        var entry = entries.get(unit);
        if (entry == null) {
            return;
        }
        update(entry.with(entry.wish().withUnload(true)), ImmutableList.of());
        stop(unit);
        if (entries.get(unit).phase().isDown()) {
            forget(unit);
        }
    }

    private void forget(UnitName unit) {
        entries.remove(unit);
        tasks.add(new Task.Forget(unit));
    }

    // What happens

    void happened(UnitName unit, Event event) {
        var entry = entries.get(unit);
        if (entry == null) {
            return;
        }
        boolean restarts = event instanceof Event.TimeUp && entry.phase() == Phase.AUTO_RESTART;
        if (restarts && !entry.mayStart(now)) {
            refuse(unit);
        } else {
            entry.struckBy(event, now).ifPresent(because -> take(unit, new Event.Struck(because)));
            take(unit, event);
        }
    }

    /// Does not start it now. In generation 0 it is one that the agent may start anew.
    private void refuse(UnitName unit) {
        var entry = entries.get(unit);
        var none = entry.wish().with(Job.NONE, entry.wish().asked()).withGeneration(0);
        update(entry.with(none), ImmutableList.of());
        take(unit, new Event.Struck(REFUSED));
    }

    private void take(UnitName unit, Event event) {
        var entry = entries.get(unit);
        var step = UnitMachine.next(unit.full(), entry.settings().service(), entry.life(), event, now);
        if (step.life().equals(entry.life()) && step.acts().isEmpty()) {
            return;
        }
        update(entry.with(step.life()), step.acts());
        if (event instanceof Event.Began && !entry.wish().properties().isEmpty()) {
            update(entries.get(unit), entry.limiting()); // it may have missed what was set while it began
        }
        changed(entry.phase(), entries.get(unit));
    }

    /// One unit's fate means something to others.
    private void changed(Phase before, Entry entry) {
        var phase = entry.phase();
        boolean wentDown = phase.isOff() && !before.isOff();
        if (wentDown && !entry.life().stopRequested()) {
            for (var other : others(entry.name())) {
                if (other.relations().bindsTo().contains(entry.name())) {
                    enqueueStop(other.name(), Optional.of(entry.name()), entry.name() + " stopped, starts again with it");
                }
            }
        }
        if (phase == Phase.FAILED && before != Phase.FAILED) {
            entry.relations().onFailure().forEach(this::startAlong);
        }
        if (phase.isDown() && !before.isDown()) {
            var wish = entry.life().result() == Result.FENCED ? entry.wish().withGeneration(0) : entry.wish();
            update(entries.get(entry.name()).with(Optional.<UnitSettings>empty()).with(wish), ImmutableList.of());
            if (entry.wish().unload()) {
                forget(entry.name());
            }
        }
        if (phase.isUp() && !before.isUp()) {
            for (var other : others(entry.name())) {
                if (other.wish().partner().filter(entry.name()::equals).isPresent()) {
                    update(other.with(other.wish().with(Optional.empty())), ImmutableList.of());
                    startAlong(other.name());
                }
            }
        }
    }

    /// Lets every deadline that has passed be known.
    void passTime() {
        for (var entry : List.copyOf(entries.values())) {
            if (entry.life().deadline().filter(at -> !at.isAfter(now)).isPresent()) {
                happened(entry.name(), new Event.TimeUp());
            }
        }
    }

    Optional<Instant> nextDeadline() {
        var lives = entries.values().stream().flatMap(entry -> entry.life().deadline().stream());
        return Stream.concat(jobs().nextDeadline().stream(), lives).min(Instant::compareTo);
    }

    // Jobs

    /// Begins every job whose turn it is, and those whose turn comes by that.
    void runJobs() {
        for (var due = jobs().due(); !due.isEmpty(); due = jobs().due()) {
            due.forEach(this::take);
        }
    }

    private void take(Jobs.Turn turn) {
        var entry = entries.get(turn.unit());
        if (entry == null || !entry.wish().isPending()) {
            return;
        }
        var job = entry.wish().job();
        var none = entry.wish().with(Job.NONE, entry.wish().asked());
        switch (turn) {
            case Jobs.Turn.Done _ -> update(entry.with(none), ImmutableList.of());
            case Jobs.Turn.Oust(_, UnitName other) ->
                enqueueStop(other, Optional.empty(), "conflicts with " + entry.name());
            case Jobs.Turn.Fail(_, UnitName other, String because) -> {
                update(entry.with(none.with(Optional.of(other))), ImmutableList.of());
                happened(entry.name(), new Event.DependencyFailed(because));
            }
            case Jobs.Turn.Begin _ -> {
                var next = job == Job.RESTART ? entry.wish().with(Job.START, now) : none;
                update(entry.with(next), ImmutableList.of());
                if (job == Job.START) {
                    begin(entry.name());
                } else {
                    happened(entry.name(), new Event.Stop(entry.wish().because()));
                }
                if (job == Job.RESTART) {
                    pullIn(entry.name(), new HashSet<>());
                }
            }
        }
    }

    private void begin(UnitName unit) {
        var entry = entries.get(unit);
        if (!entry.mayStart(now)) {
            refuse(unit);
            return;
        }
        tasks.add(new Task.ForgetStartedFile(unit));
        update(entry.with(Optional.of(entry.fresh())), ImmutableList.of());
        happened(unit, new Event.Start(entry.wish().epochBase()));
    }

    /// Starts a unit for another one's sake.
    private void startAlong(UnitName unit) {
        enqueueStart(unit, new HashSet<>());
    }

    /// @param seen units that this has been done for already, as some ask for each other
    private void enqueueStart(UnitName unit, Set<UnitName> seen) {
        var entry = entries.get(unit);
        if (entry == null || !entry.isReadable() || entry.wish().isToLeave() || !seen.add(unit)) {
            return;
        }
        if (!entry.mayStart(now)) {
            // It is for the agent to start it, if it is wanted.
            update(entry.phase().isDown() ? entry.with(entry.wish().withGeneration(0)) : entry, ImmutableList.of());
            return;
        }
        var job = entry.wish().job();
        if (job == Job.STOP) {
            update(entry.with(entry.wish().with(Job.RESTART, now)), ImmutableList.of());
        } else if (job == Job.NONE && (entry.phase().isDown() || entry.phase().isStopping())) {
            update(entry.with(entry.wish().with(Job.START, now)), ImmutableList.of());
            pullIn(unit, seen);
        }
    }

    /// Starts what a unit needs or wants.
    private void pullIn(UnitName unit, Set<UnitName> seen) {
        var entry = entries.get(unit);
        if (entry == null) {
            return;
        }
        for (var name : entry.fresh().relations().pulledIn()) {
            var other = entries.get(name);
            if (other != null && other.phase().isDown()) {
                enqueueStart(name, seen);
            }
        }
    }

    private void enqueueStop(UnitName unit, Optional<UnitName> partner, String because) {
        var entry = entries.get(unit);
        boolean down = entry.phase().isDown();
        var wish = entry.wish().with(partner);
        var stop = down ? wish.with(Job.NONE, now) : wish.withStop(Job.STOP, because, now);
        boolean told = wish.job() == stop.job() && wish.because().equals(stop.because());
        update(entry.with(told ? wish : stop), ImmutableList.of());
        stopDependents(unit);
    }

    private void stopDependents(UnitName unit) {
        for (var other : others(unit)) {
            boolean active = !other.phase().isDown() || other.wish().job() == Job.START;
            if (active && other.wish().job() != Job.STOP && !other.isLeaving() && other.relations().stopsWith(unit)) {
                enqueueStop(other.name(), Optional.of(unit), unit + " stopped, starts again with it");
            }
        }
    }

    private List<Entry> others(UnitName unit) {
        return entries.values().stream().filter(other -> !other.name().equals(unit)).toList();
    }

    private Jobs jobs() {
        return new Jobs(ImmutableSortedMap.copyOfSorted(entries), now);
    }

    // What is seen from outside

    ImmutableSortedMap<UnitName, UnitState> states() {
        var jobs = jobs();
        var states = ImmutableSortedMap.<UnitName, UnitState>naturalOrder();
        entries.values().forEach(entry -> states.put(entry.name(), entry.state(jobs.waitsFor(entry))));
        return states.buildOrThrow();
    }

    Optional<Entry> entry(UnitName unit) {
        return Optional.ofNullable(entries.get(unit));
    }

    Collection<Entry> entries() {
        return List.copyOf(entries.values());
    }

    /// What is to be done since the last call; what concerns one unit is saved once.
    ImmutableList<Task> takeTasks() {
        var taken = Task.merged(tasks);
        tasks.clear();
        return taken;
    }

    /// Nothing is to be done, and nobody to be told, if nothing changes.
    private void update(Entry entry, ImmutableList<Act> acts) {
        var before = entries.put(entry.name(), entry);
        if (!entry.equals(before) || !acts.isEmpty()) {
            tasks.add(new Task.CarryOut(entry, acts));
        }
    }
}
