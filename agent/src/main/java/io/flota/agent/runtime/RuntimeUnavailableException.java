package io.flota.agent.runtime;

/// The runtime as a whole cannot be asked. The message is one line for an operator.
public final class RuntimeUnavailableException extends Exception {
    public RuntimeUnavailableException(String message) {
        super(message);
    }

    public RuntimeUnavailableException(String message, Throwable cause) {
        super(message, cause);
    }
}
