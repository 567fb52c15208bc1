package io.flota.store;

/// The store could not be asked, or did not answer in time. The message is one line for an operator: what was
/// tried, on what, and why it failed.
public final class StoreException extends Exception {
    private final boolean outcomeUnknown;

    public StoreException(String message, boolean outcomeUnknown, Throwable cause) {
        super(message, cause);
        this.outcomeUnknown = outcomeUnknown;
    }

    /// Of a read, or of a write that surely did not happen.
    public StoreException(String message) {
        super(message);
        this.outcomeUnknown = false;
    }

    /// Whether a write may have happened all the same.
    public boolean outcomeUnknown() {
        return outcomeUnknown;
    }
}
