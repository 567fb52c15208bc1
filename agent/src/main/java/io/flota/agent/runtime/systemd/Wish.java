package io.flota.agent.runtime.systemd;

/// What is wanted of a unit, and what is known beyond what systemd says. Kept on disk.
///
/// @param generation what the last start asked for; 0 after a stop, and for a unit that only others need
/// @param epochBase what the last start gave for the unit's epochs to count from; 0 if it is not exclusive
/// @param job what systemd is to be asked for, or was and has not ended yet
/// @param replaced the unit's last run before a start was asked for, which a start puts an end to if it goes on; 0 if there
///     was none, [#ANY] if one that is not to count may begin at any time
/// @param unload whether it is to be forgotten once it is down
/// @param leaving whether it is to stay down, whoever else needs it: it may run on another machine next
/// @param outcome what became of the last start, if the unit's state does not tell
/// @param note in words; may be empty
record Wish(
        long generation, long epochBase, Job job, long replaced, boolean unload, boolean leaving, Outcome outcome,
        String note) {
    enum Job {
        NONE,
        START,
        STOP
    }

    enum Outcome {
        /// As the unit's state tells.
        SEEN,
        /// It never came to be started.
        FAILED,
        /// Its time was over: it was killed, or not started.
        STRUCK
    }

    static final long ANY = -1;

    static final Wish NOTHING = new Wish(0, 0, Job.NONE, 0, false, false, Outcome.SEEN, "");

    /// To be started. What became of it before does not count any more.
    Wish toStart(long nextGeneration, long nextBase, long lastRun) {
        return new Wish(nextGeneration, nextBase, Job.START, lastRun, false, false, Outcome.SEEN, "");
    }

    /// Runs as it is wanted.
    Wish runs(long nextGeneration, long nextBase) {
        return new Wish(nextGeneration, nextBase, job, replaced, false, false, outcome, note);
    }

    /// An exclusive unit has no epoch from then on, so that only the agent can start it.
    Wish toStop() {
        return new Wish(0, 0, Job.STOP, 0, unload, leaving, outcome, note);
    }

    Wish stopped() {
        return new Wish(0, 0, Job.NONE, 0, unload, leaving, outcome, outcome == Outcome.SEEN ? "" : note);
    }

    Wish done() {
        return new Wish(generation, epochBase, Job.NONE, 0, unload, leaving, outcome, note);
    }

    /// What was struck has no epoch from then on, so that only the agent can start it. Nothing of this ends a stop.
    Wish noted(Outcome nowOutcome, String words) {
        boolean struck = nowOutcome == Outcome.STRUCK;
        return new Wish(
                struck ? 0 : generation, struck ? 0 : epochBase, job == Job.STOP ? Job.STOP : Job.NONE, 0, unload,
                leaving, nowOutcome, words);
    }

    Wish withUnload(boolean next) {
        return new Wish(generation, epochBase, job, replaced, next, leaving, outcome, note);
    }

    Wish withLeaving(boolean next) {
        return new Wish(generation, epochBase, job, replaced, unload, next, outcome, note);
    }

    /// Whether it asks systemd for the same.
    boolean asksAs(Wish other) {
        return job == other.job && generation == other.generation && epochBase == other.epochBase
                && replaced == other.replaced;
    }

    /// Whether a run is that of this start: of an earlier one it is the last run before it.
    ///
    /// @param run the unit's last; 0 if there is none, or none that systemd remembers
    boolean isBegunBy(long run) {
        return run != 0 && replaced != ANY && run != replaced;
    }

    /// Whether other units can have it started as they could before.
    boolean isBarredAs(Wish before) {
        return leaving == before.leaving && (epochBase == 0) == (before.epochBase == 0);
    }
}
