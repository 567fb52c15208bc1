package io.flota.agent.runtime.systemd;

/// systemd cannot be asked: it is connected to again, and asked again. The message is one line for an operator.
final class BusLostException extends Exception {
    private static final long serialVersionUID = 1;

    BusLostException(String message, Throwable cause) {
        super(message, cause);
    }
}
