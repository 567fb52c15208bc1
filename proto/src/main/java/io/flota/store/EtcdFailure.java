package io.flota.store;

import com.google.common.base.Throwables;
import io.etcd.jetcd.common.exception.EtcdException;
import io.flota.tls.HandshakeFailure;
import io.grpc.Status;
import java.net.ConnectException;
import java.net.UnknownHostException;
import java.time.Duration;
import javax.net.ssl.SSLException;

/// gRPC's failures in an operator's words.
final class EtcdFailure {
    private EtcdFailure() {}

    /// What gRPC said, whatever jetcd wrapped it in.
    static Status status(Throwable failure) {
        var status = failure instanceof EtcdException e
                ? Status.fromCode(Status.Code.valueOf(e.getErrorCode().name()))
                        .withDescription(e.getMessage())
                        .withCause(e.getCause())
                : Status.fromThrowable(failure);
        // For jetcd a login that failed is always the password's fault; the cause knows better.
        boolean login = status.getCode() == Status.Code.UNAUTHENTICATED && status.getCause() != null;
        return login ? Status.fromThrowable(status.getCause()) : status;
    }

    /// Whether the member could not be asked or did not answer, so that another one may.
    static boolean isOutage(Status status) {
        return switch (status.getCode()) {
            case UNAVAILABLE, DEADLINE_EXCEEDED -> true;
            default -> false;
        };
    }

    /// Whether etcd surely did nothing, because it said no.
    static boolean isRefusal(Status status) {
        return switch (status.getCode()) {
            case INVALID_ARGUMENT, NOT_FOUND, ALREADY_EXISTS, PERMISSION_DENIED, RESOURCE_EXHAUSTED,
                    FAILED_PRECONDITION, OUT_OF_RANGE, UNIMPLEMENTED, UNAUTHENTICATED -> true;
            default -> false;
        };
    }

    /// Whether etcd knows our token no longer: it keeps simple ones in memory, and drops all when users change.
    static boolean isStaleToken(Status status) {
        String description = firstLine(status.getDescription());
        return status.getCode() == Status.Code.UNAUTHENTICATED
                || description.contains("invalid auth token")
                || description.contains("revision of auth store is old");
    }

    /// Why, in one line.
    static String because(Status status, Duration timeout) {
        for (Throwable cause : Throwables.getCausalChain(status.asRuntimeException())) {
            switch (cause) {
                case SSLException e -> {
                    return "TLS failed, " + HandshakeFailure.because(e).orElse(firstLine(e.getMessage()));
                }
                case UnknownHostException e -> {
                    return "unknown host, " + firstLine(e.getMessage());
                }
                case ConnectException _ -> {
                    return "connection refused";
                }
                default -> {}
            }
        }
        if (status.getCode() == Status.Code.DEADLINE_EXCEEDED) {
            return "no answer within " + seconds(timeout);
        }
        String description = firstLine(status.getDescription());
        return description.isEmpty() ? status.getCode().name() : description;
    }

    static String seconds(Duration duration) {
        long tenths = duration.toMillis() / 100;
        return tenths % 10 == 0 ? tenths / 10 + " s" : tenths / 10 + "." + tenths % 10 + " s";
    }

    static String firstLine(String text) {
        return text == null ? "" : text.lines().findFirst().orElse("");
    }
}
