package io.flota.agent.runtime.systemd;

/// systemd has heard what was asked for, and says no. The message is its reason.
final class RefusedException extends Exception {
    private static final long serialVersionUID = 1;

    RefusedException(String message, Throwable cause) {
        super(message, cause);
    }
}
