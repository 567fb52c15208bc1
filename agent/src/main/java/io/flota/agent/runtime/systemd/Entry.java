package io.flota.agent.runtime.systemd;

import io.flota.agent.runtime.guard.Deadlines;
import io.flota.agent.runtime.systemd.Wish.Job;
import io.flota.agent.runtime.systemd.Wish.Outcome;
import io.flota.agent.steps.Guard;
import io.flota.unit.UnitName;
import io.flota.unit.UnitState;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Optional;

/// One unit that is loaded here.
///
/// @param hash of the file that was placed
/// @param broken why it cannot be run
/// @param guard until when it may live; empty: as long as it likes
record Entry(
        UnitName name, String hash, Composed file, Optional<Broken> broken, Wish wish, Limits limits,
        Optional<Guard> guard, Seen seen) {
    /// @param load what systemd calls it: `bad-setting`, `error` …
    /// @param foreign whether the host has a unit of its own with that name, which is not to be touched
    record Broken(String load, String message, boolean foreign) {
        Broken(String load, String message) {
            this(load, message, false);
        }
    }

    /// How a unit depends on the machine's lease.
    enum Bond {
        FREE,
        /// `OnDisconnect=stop`.
        BOUND,
        EXCLUSIVE
    }

    Entry with(Wish next) {
        return new Entry(name, hash, file, broken, next, limits, guard, seen);
    }

    Entry with(Seen next) {
        return new Entry(name, hash, file, broken, wish, limits, guard, next);
    }

    Entry with(Guard next) {
        return new Entry(name, hash, file, broken, wish, limits, Optional.of(next), seen);
    }

    Entry with(Limits next) {
        return new Entry(name, hash, file, broken, wish, next, guard, seen);
    }

    Entry withoutGuard() {
        return new Entry(name, hash, file, broken, wish, limits, Optional.empty(), seen);
    }

    Entry broken(Broken because) {
        return new Entry(name, hash, file, Optional.of(because), is(Job.START) ? wish.done() : wish, limits, guard, seen);
    }

    /// What kept it from being run is over. Who asked for it asks again, with a guard of then.
    Entry mended() {
        return new Entry(
                name, hash, file, Optional.empty(), isDown() && is(Job.NONE) ? wish.stopped() : wish, limits, guard, seen);
    }

    /// Whether nothing is wrong with its file, and yet it cannot be run: that may pass.
    boolean isKeptOut() {
        return broken.isPresent() && file.broken().isEmpty();
    }

    /// Whether systemd knows another unit by its name, one of the host's own.
    boolean isForeign() {
        return broken.filter(Broken::foreign).isPresent();
    }

    boolean isDown() {
        return seen.isDown();
    }

    boolean is(Job job) {
        return wish.job() == job;
    }

    /// Whether it may be started as far as its time is concerned.
    boolean mayStart(Duration now) {
        boolean inTime = guard.map(until -> now.compareTo(until.startsUntil()) < 0).orElse(file.bond() == Bond.FREE);
        return inTime && !(file.bond() == Bond.EXCLUSIVE && wish.epochBase() == 0);
    }

    /// Whether the watchdog has killed it, or would kill it at once.
    boolean isOver(Duration now) {
        return guard.filter(until -> now.compareTo(Deadlines.strikes(until)) >= 0).isPresent();
    }

    /// What is wanted after a start has ended so.
    Wish afterStart(String result) {
        boolean never = seen.active().equals("inactive");
        return switch (result) {
            case "done", "canceled", "failed" -> wish.done();
            case "skipped" -> wish.noted(Outcome.SEEN, never ? "skipped, a Condition…= of it does not hold" : "");
            case "dependency" -> wish.noted(Outcome.FAILED, "dependency: a unit that it needs did not start");
            default -> never ? wish.noted(Outcome.FAILED, "its start ended as " + result) : wish.done();
        };
    }

    /// Whether systemd is to be asked to stop what runs, and start it then.
    boolean isRestart() {
        return wish.replaced() == Wish.ANY || !isDown() && wish.replaced() == seen.run();
    }

    /// Whether it is to stay down until it is started here, whoever else needs it: that takes a file on disk.
    private boolean isToBeBarred() {
        return wish.leaving() || file.bond() == Bond.EXCLUSIVE && wish.epochBase() == 0;
    }

    /// Down for good it is only once a stop has ended, and nobody else can have it started any more.
    ///
    /// @param barred whether who else may have it started is on disk
    UnitState state(boolean barred) {
        String active = seen.active();
        String sub = seen.sub();
        if (is(Job.STOP) || isDown() && isToBeBarred() && !barred) {
            active = "deactivating";
            sub = seen.isStopping() ? sub : "waiting";
        } else if (isDown() && is(Job.START)) {
            active = "activating";
            sub = "waiting";
        } else if (isDown() && wish.outcome() != Outcome.SEEN) {
            active = "failed";
            sub = "failed";
        } else if (is(Job.START) && isRestart()) {
            active = "deactivating"; // what runs is not what was asked for
            sub = "waiting";
        }
        return new UnitState(
                broken.map(Broken::load).orElse("loaded"), active, sub, hash, "", wish.generation(), seen.since(),
                message(), seen.mainPid(), seen.restarts());
    }

    private String message() {
        var parts = new ArrayList<String>();
        broken.ifPresent(because -> parts.add(because.message()));
        parts.add(wish.note());
        if (wish.outcome() == Outcome.SEEN || !isDown()) {
            parts.add(seen.words());
        }
        parts.add(limits.problem());
        parts.removeIf(String::isEmpty);
        return String.join("; ", parts);
    }
}
