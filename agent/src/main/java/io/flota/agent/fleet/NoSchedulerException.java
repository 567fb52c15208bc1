package io.flota.agent.fleet;

/// Nobody can answer a request now.
final class NoSchedulerException extends Exception {
    private static final long serialVersionUID = 1;

    NoSchedulerException(String message) {
        super(message);
    }
}
