package io.flota.agent.runtime.exec;

import io.flota.unit.UnitFile;
import io.flota.unit.UnitName;
import io.flota.unit.UnitState;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Optional;

/// One unit that is loaded here.
///
/// @param file what it has from its next start on
/// @param running the settings of the current activation, which may be older than the file
/// @param term until when it may live; empty: as long as it likes
record Entry(
        UnitName name, UnitFile file, Loaded loaded, Optional<UnitSettings> running, Life life, Wish wish,
        Optional<Term> term) {
    private static final String KILLED = "killed, for this machine's lease in etcd was not renewed in time";

    /// What came of reading the unit's file.
    sealed interface Loaded {
        record Readable(UnitSettings settings) implements Loaded {}

        /// @param load what systemd calls it: `bad-setting`, or `error` for what cannot be had here at all
        record Broken(String load, String message) implements Loaded {}
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

    private String message(String waiting) {
        var parts = new ArrayList<String>();
        switch (loaded) {
            case Loaded.Broken(_, String message) -> parts.add(message);
            case Loaded.Readable _ -> {}
        }
        parts.add(waiting);
        parts.add(life.reason());
        parts.add(life.status());
        if (!settings().ignored().isEmpty()) {
            parts.add("not honoured: " + String.join(", ", settings().ignored()));
        }
        parts.removeIf(String::isEmpty);
        return String.join("; ", parts);
    }
}
