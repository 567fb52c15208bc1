package io.flota.unitctl.client;

import io.flota.api.v1.CallStatus;

/// A scheduler answered that it will not or cannot. The message is the scheduler's own, one line a problem.
public final class RefusedException extends ClusterException {
    private static final int NOT_FOUND = 5;
    private static final int UNAVAILABLE = 14;
    private static final int UNIMPLEMENTED = 12;

    private final int code;

    RefusedException(CallStatus status) {
        super(describe(status), null);
        this.code = status.getCode();
    }

    public boolean isNotFound() {
        return code == NOT_FOUND;
    }

    /// Whether another replica may do better: this one lacks etcd or an agent.
    boolean isOutage() {
        return code == UNAVAILABLE;
    }

    private static String describe(CallStatus status) {
        if (!status.getDescription().isEmpty()) {
            return status.getDescription();
        }
        return status.getCode() == UNIMPLEMENTED
                ? "the scheduler does not know this call; is it older than this unitctl?"
                : "the scheduler refused the call with gRPC status " + status.getCode() + " and without a word";
    }
}
