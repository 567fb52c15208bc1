package io.flota.agent.announce;

/// What a sidecar asked for is not done. The message is one line for it.
public final class RefusedException extends Exception {
    /// Why, in kind.
    public enum Cause {
        /// It does not go together with what this machine or another one runs.
        CONFLICT,
        /// The store does not answer.
        AWAY
    }

    private final Cause kind;

    RefusedException(Cause kind, String message) {
        super(message);
        this.kind = kind;
    }

    public Cause kind() {
        return kind;
    }
}
