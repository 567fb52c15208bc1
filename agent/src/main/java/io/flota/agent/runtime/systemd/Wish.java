package io.flota.agent.runtime.systemd;

/// What is wanted of a unit, and what is known beyond what systemd says. Kept on disk.
///
/// @param generation what the last start asked for; 0 after a stop, and for a unit that only others need
/// @param epochBase what the last start gave for the unit's epochs to count from; 0 if it is not exclusive
/// @param job what systemd is to be asked for, or was and has not ended yet
/// @param replaced the run that a start is to put an end to; 0 if the unit is down
/// @param unload whether it is to be forgotten once it is down
/// @param outcome what became of the last start, if the unit's state does not tell
/// @param note in words; may be empty
record Wish(
        long generation, long epochBase, Job job, long replaced, boolean unload, Outcome outcome, String note) {
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

    static final Wish NOTHING = new Wish(0, 0, Job.NONE, 0, false, Outcome.SEEN, "");

    /// To be started. What became of it before does not count any more.
    Wish toStart(long nextGeneration, long nextBase, long nowRunning) {
        return new Wish(nextGeneration, nextBase, Job.START, nowRunning, false, Outcome.SEEN, "");
    }

    /// Runs as it is wanted.
    Wish runs(long nextGeneration, long nextBase) {
        return new Wish(nextGeneration, nextBase, job, replaced, false, outcome, note);
    }

    Wish toStop() {
        return new Wish(0, epochBase, Job.STOP, 0, unload, outcome, note);
    }

    Wish stopped() {
        return new Wish(0, epochBase, Job.NONE, 0, unload, outcome, note);
    }

    Wish done() {
        return new Wish(generation, epochBase, Job.NONE, 0, unload, outcome, note);
    }

    Wish noted(Outcome nowOutcome, String words) {
        return new Wish(
                nowOutcome == Outcome.STRUCK ? 0 : generation, epochBase, Job.NONE, 0, unload, nowOutcome, words);
    }

    Wish withUnload(boolean next) {
        return new Wish(generation, epochBase, job, replaced, next, outcome, note);
    }
}
