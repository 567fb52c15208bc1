package io.flota.scheduler.api;

import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.ServerInterceptors;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Turns what goes wrong beneath a service's answers into the status that the operator reads: a request that is no
/// message of the method, and a bug, which is logged and costs one call only.
final class Failures implements ServerInterceptor {
    private static final Logger log = LoggerFactory.getLogger(Failures.class);

    private Failures() {}

    /// The service with its failures told. Its messages are read within our sight, and not ahead of it.
    static ServerServiceDefinition told(ServerServiceDefinition service) {
        return ServerInterceptors.intercept(ServerInterceptors.useInputStreamMessages(service), new Failures());
    }

    @Override
    public <Q, R> ServerCall.Listener<Q> interceptCall(
            ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> next) {
        return new Guard<>(call, next.startCall(call, headers));
    }

    private static final class Guard<Q, R> extends SimpleForwardingServerCallListener<Q> {
        private final ServerCall<Q, R> call;
        private boolean failed;

        Guard(ServerCall<Q, R> call, ServerCall.Listener<Q> guarded) {
            super(guarded);
            this.call = call;
        }

        @Override
        public void onMessage(Q message) {
            if (failed) {
                return;
            }
            try {
                super.onMessage(message);
            } catch (StatusRuntimeException _) {
                fail(Status.INVALID_ARGUMENT.withDescription("the request is no message for " + method()));
            } catch (RuntimeException e) {
                bug(e);
            }
        }

        @Override
        public void onHalfClose() {
            if (failed) {
                return;
            }
            try {
                super.onHalfClose();
            } catch (RuntimeException e) {
                bug(e);
            }
        }

        private void bug(RuntimeException e) {
            log.error("a bug in answering a call method={}", method(), e);
            fail(Status.INTERNAL.withDescription("the scheduler failed to answer (its log says more): " + e));
        }

        private String method() {
            return call.getMethodDescriptor().getFullMethodName();
        }

        private void fail(Status status) {
            failed = true;
            call.close(status, new Metadata());
        }
    }
}
