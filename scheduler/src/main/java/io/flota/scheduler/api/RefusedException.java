package io.flota.scheduler.api;

import com.google.common.collect.ImmutableList;
import io.grpc.Status;
import java.util.List;

/// A call is refused or cannot be answered. Its problems are for the operator, one line each.
final class RefusedException extends Exception {
    private final Status.Code code;
    private final ImmutableList<String> problems;

    RefusedException(Status.Code code, List<String> problems) {
        super(String.join("\n", problems));
        this.code = code;
        this.problems = ImmutableList.copyOf(problems);
    }

    RefusedException(Status.Code code, String problem) {
        this(code, List.of(problem));
    }

    ImmutableList<String> problems() {
        return problems;
    }

    Status status() {
        return code.toStatus().withDescription(getMessage());
    }
}
