package io.flota.agent.runtime.exec;

import static com.google.common.collect.ImmutableList.toImmutableList;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import io.flota.agent.runtime.UnitRuntime.UnitToLoad;
import io.flota.agent.runtime.setting.CgroupLimits;
import io.flota.unit.UnitFile;
import io.flota.unit.UnitName;
import io.flota.unit.UnitState;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Optional;
import java.util.stream.Stream;

/// One unit that is loaded here.
///
/// @param file what it has from its next start on
/// @param running the settings of the current activation, which may be older than the file
/// @param term until when it may live; empty: as long as it likes
record Entry(
        UnitName name, UnitFile file, Loaded loaded, Optional<UnitSettings> running, Life life, Wish wish,
        Optional<Term> term) {
    private static final String KILLED = "killed, for this machine's lease in etcd was not renewed in time";

    /// What an operator may set over the file, and is held here.
    private static final ImmutableSet<String> HELD = ImmutableSet.of("MemoryMax", "CPUQuota", "TasksMax");

    /// What came of reading the unit's file.
    sealed interface Loaded {
        record Readable(UnitSettings settings) implements Loaded {}

        /// @param load what systemd calls it: `bad-setting`, or `error` for what cannot be had here at all
        record Broken(String load, String message) implements Loaded {}
    }

    static Entry of(UnitToLoad unit, Loaded loaded, Instant now) {
        return new Entry(
                unit.name(), unit.file(), loaded, Optional.empty(), Life.loaded(now), Wish.none(now), Optional.empty());
    }

    /// With the file for its next start. A guard goes with the file that it was made for, once that does not run.
    Entry with(UnitFile next, Loaded nextLoaded) {
        boolean guarded = file.hash().equals(next.hash()) || !phase().isDown();
        return new Entry(
                name, next, nextLoaded, running, life, wish.withUnload(false).withLeaving(false),
                guarded ? term : Optional.empty());
    }

    Entry with(Life next) {
        return new Entry(name, file, loaded, running, next, wish, term);
    }

    Entry with(Wish next) {
        return new Entry(name, file, loaded, running, life, next, term);
    }

    Entry with(Optional<UnitSettings> next) {
        return new Entry(name, file, loaded, next, life, wish, term);
    }

    Entry with(Term next) {
        return new Entry(name, file, loaded, running, life, wish, Optional.of(next));
    }

    /// Whether it may be started as far as its time is concerned.
    boolean mayStart(Instant now) {
        boolean inTime = term.map(until -> until.mayStart(now)).orElse(!fresh().needsGuard());
        return inTime && !(fresh().exclusive() && wish.epochBase() == 0);
    }

    /// Whether it is going down for a reason of its own already.
    boolean isLeaving() {
        return phase().isStopping() && life.stopRequested() && !wish.isPending();
    }

    /// What has its limits hold for what runs of it.
    ImmutableList<Act> limiting() {
        return phase().isDown() ? ImmutableList.of() : ImmutableList.of(new Act.Limit());
    }

    /// Whether its time is over.
    boolean hasStruck(Instant now) {
        return term.filter(until -> until.hasStruck(now)).isPresent();
    }

    /// Why a process that ended, or never was, means that the unit's time is over; empty if it does not.
    Optional<String> struckBy(Event event, Instant now) {
        boolean bound = term.isPresent() && !phase().isDown();
        if (bound && event instanceof Event.NotSpawned(_, int status, String reason) && status == ExitStatus.FENCED) {
            return Optional.of(reason);
        }
        boolean struck = bound && event instanceof Event.Ended(_, Exit exit)
                && (hasStruck(now) || exit.equals(new Exit.Code(ExitStatus.FENCED)));
        return struck ? Optional.of(KILLED) : Optional.empty();
    }

    boolean isReadable() {
        return loaded instanceof Loaded.Readable;
    }

    /// What counts now: the settings that it runs with, else those of its file.
    UnitSettings settings() {
        return running.orElse(fresh());
    }

    /// The settings of its file.
    UnitSettings fresh() {
        return switch (loaded) {
            case Loaded.Readable(UnitSettings settings) -> settings;
            case Loaded.Broken _ -> UnitSettings.NOTHING;
        };
    }

    /// Those of its file, but where an operator has set others.
    CgroupLimits limits() {
        return settings().service().surroundings().limits().with(wish.properties());
    }

    Relations relations() {
        return settings().relations();
    }

    Phase phase() {
        return life.phase();
    }

    /// @param waiting what a pending start waits for; empty if nothing
    UnitState state(String waiting) {
        boolean waits = wish.job() == Wish.Job.START && phase().isDown();
        var active = waits ? "activating" : phase().active();
        var sub = waits ? "waiting" : settings().target() && phase() == Phase.EXITED ? "active" : phase().sub();
        var load = switch (loaded) {
            case Loaded.Readable _ -> "loaded";
            case Loaded.Broken(String word, _) -> word;
        };
        return new UnitState(
                load, active, sub, file.hash(), "", wish.generation(), waits ? wish.asked() : life.since(),
                message(waiting), life.main().map(Proc::pid).orElse(0L), life.restarts());
    }

    private ImmutableList<String> ignored() {
        var set = wish.properties().values().keySet().stream().filter(name -> !HELD.contains(name));
        return Stream.concat(settings().ignored().stream(), set.map(name -> name + "="))
                .distinct()
                .collect(toImmutableList());
    }

    private String message(String waiting) {
        var parts = new ArrayList<String>();
        switch (loaded) {
            case Loaded.Broken(_, String message) -> parts.add(message);
            case Loaded.Readable _ -> {}
        }
        parts.add(waiting);
        parts.add(life.reason());
        parts.add(life.status());
        var ignored = ignored();
        if (!ignored.isEmpty()) {
            parts.add("not honoured: " + String.join(", ", ignored));
        }
        parts.removeIf(String::isEmpty);
        return String.join("; ", parts);
    }
}
