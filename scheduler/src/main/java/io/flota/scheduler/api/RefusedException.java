package io.flota.scheduler.api;

import io.grpc.Status;
import java.util.List;

/// A call is refused or cannot be answered. Its problems are for the operator, one line each.
public final class RefusedException extends Exception {
    private final Status.Code code;

    RefusedException(Status.Code code, List<String> problems) {
        super(String.join("\n", problems));
        this.code = code;
    }

    RefusedException(Status.Code code, String problem) {
        this(code, List.of(problem));
    }

    public Status status() {
        return code.toStatus().withDescription(getMessage());
    }
}
