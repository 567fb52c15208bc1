package io.flota.unitctl.local;

import java.io.Serial;

/// What the operator asked of the local cluster and cannot have, in words for them.
final class LocalException extends Exception {
    @Serial
    private static final long serialVersionUID = 1;

    LocalException(String message) {
        super(message);
    }

    LocalException(String message, Throwable cause) {
        super(message, cause);
    }
}
