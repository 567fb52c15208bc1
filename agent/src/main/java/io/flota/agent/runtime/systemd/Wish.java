package io.flota.agent.runtime.systemd;

/// What is wanted of a unit, and what is known beyond what systemd says. Kept on disk.
///
/// @param generation what the last start asked for; 0 after a stop, and for a unit that only others need
/// @param epochBase what the last start gave for the unit's epochs to count from; 0 if it is not exclusive
/// @param job what systemd is to be asked for, or was and has not ended yet
/// @param replaced the run that a start is to put an end to; 0 if the unit is down
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

    static final Wish NOTHING = new Wish(0, 0, Job.NONE, 0, false, false, Outcome.SEEN, "");

    /// To be started. What became of it before does not count any more.
    Wish toStart(long nextGeneration, long nextBase, long nowRunning) {
        return new Wish(nextGeneration, nextBase, Job.START, nowRunning, false, false, Outcome.SEEN, "");
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
        return new Wish(0, 0, Job.NONE, 0, unload, leaving, outcome, note);
    }

    Wish done() {
        return new Wish(generation, epochBase, Job.NONE, 0, unload, leaving, outcome, note);
    }

    /// The job that was to start it has ended.
    ///
    /// @param never whether the unit never came up
    Wish started(String result, boolean never) {
        return switch (result) {
            case "done", "canceled", "failed" -> done();
            case "skipped" -> noted(Outcome.SEEN, never ? "skipped, a Condition…= of it does not hold" : "");
            case "dependency" -> noted(Outcome.FAILED, "dependency: a unit that it needs did not start");
            default -> never ? noted(Outcome.FAILED, "its start ended as " + result) : done();
        };
    }

    Wish noted(Outcome nowOutcome, String words) {
        return new Wish(
                nowOutcome == Outcome.STRUCK ? 0 : generation, epochBase, Job.NONE, 0, unload, leaving, nowOutcome,
                words);
    }

    Wish withUnload(boolean next) {
        return new Wish(generation, epochBase, job, replaced, next, leaving, outcome, note);
    }

    Wish withLeaving(boolean next) {
        return new Wish(generation, epochBase, job, replaced, unload, next, outcome, note);
    }

    /// Whether other units can have it started as they could before.
    boolean isBarredAs(Wish before) {
        return leaving == before.leaving && (epochBase == 0) == (before.epochBase == 0);
    }
}
