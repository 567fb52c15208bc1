package io.flota.scheduler.api;

import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Turns what a service throws into the status that the operator reads; a bug is logged and costs one call only.
final class Failures implements ServerInterceptor {
    private static final Logger log = LoggerFactory.getLogger(Failures.class);

    static Status unreadable(MethodDescriptor<?, ?> method) {
        return Status.INVALID_ARGUMENT.withDescription("the request is no message for " + method.getFullMethodName());
    }

    @Override
    public <Q, R> ServerCall.Listener<Q> interceptCall(
            ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> next) {
        return new SimpleForwardingServerCallListener<>(next.startCall(call, headers)) {
            @Override
            public void onHalfClose() {
                try {
                    super.onHalfClose();
                } catch (RuntimeException e) {
                    log.error("a bug in answering a call method={}", call.getMethodDescriptor().getFullMethodName(), e);
                    call.close(
                            Status.INTERNAL.withDescription("the scheduler failed to answer (its log says more): " + e),
                            new Metadata());
                }
            }
        };
    }
}
