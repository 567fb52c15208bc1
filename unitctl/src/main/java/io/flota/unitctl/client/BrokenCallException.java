package io.flota.unitctl.client;

/// A scheduler was reached, but the call ended without a status: it may have been carried out, or not.
public final class BrokenCallException extends ClusterException {
    BrokenCallException(Endpoint endpoint, String because, Throwable cause) {
        super("the scheduler at " + endpoint + " " + because, cause);
    }
}
