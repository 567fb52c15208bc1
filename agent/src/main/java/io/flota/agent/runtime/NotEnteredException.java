package io.flota.agent.runtime;

/// An errand inside a unit was not begun. The message is one line for an operator.
public final class NotEnteredException extends Exception {
    /// What it lacks.
    public enum Cause {
        /// This machine does not have the unit.
        UNIT,
        /// The unit runs no process.
        PROCESS,
        /// There is no such file, folder or user inside the unit.
        NAME,
        /// There is no such program.
        PROGRAM,
        /// There is, but it cannot be run.
        EXECUTABLE,
        /// The runtime, or the agent's user, cannot do it.
        POWER
    }

    private final Cause lacking;

    public NotEnteredException(Cause lacking, String message) {
        super(message);
        this.lacking = lacking;
    }

    public NotEnteredException(Cause lacking, String message, Throwable cause) {
        super(message, cause);
        this.lacking = lacking;
    }

    public Cause lacking() {
        return lacking;
    }
}
