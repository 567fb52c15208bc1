package io.flota.unitctl.client;

/// A call brought no reply. The message is for the operator.
public abstract sealed class ClusterException extends Exception
        permits RefusedException, UnreachableException, BrokenCallException {
    ClusterException(String message, Throwable cause) {
        super(message, cause);
    }
}
