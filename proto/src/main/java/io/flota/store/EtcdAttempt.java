package io.flota.store;

import io.etcd.jetcd.api.AuthGrpc;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.ClientStreamTracer;
import io.grpc.Context;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.StatusException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;

/// One request to one member. It ends within its time, and knows whether it left this process, so that a failed write
/// can be known not to have happened. jetcd hands neither on to gRPC; gRPC's context does.
final class EtcdAttempt extends ClientStreamTracer.Factory {
    private static final Context.Key<EtcdAttempt> CURRENT = Context.key("etcd-attempt");
    /// For an answer that gRPC calls complete and jetcd waits for.
    private static final Duration GRACE = Duration.ofMillis(500);

    private final Duration limit;
    private volatile boolean sent;

    EtcdAttempt(Duration limit) {
        this.limit = limit;
    }

    Duration limit() {
        return limit;
    }

    /// Whether the request may have reached etcd.
    boolean sent() {
        return sent;
    }

    <A> A await(Supplier<CompletableFuture<A>> request) throws StatusException {
        var context = Context.ROOT.withValue(CURRENT, this).withCancellation();
        var before = context.attach();
        CompletableFuture<A> answer;
        try {
            answer = request.get();
        } finally {
            context.detach(before);
        }
        try {
            return answer.get(limit.plus(GRACE).toNanos(), TimeUnit.NANOSECONDS);
        } catch (ExecutionException e) {
            throw EtcdFailure.status(e.getCause()).asException();
        } catch (TimeoutException e) {
            context.cancel(e);
            throw Status.DEADLINE_EXCEEDED.withCause(e).asException();
        } catch (InterruptedException e) {
            context.cancel(e);
            Thread.currentThread().interrupt();
            throw Status.CANCELLED.withDescription("interrupted").withCause(e).asException();
        }
    }

    @Override
    public ClientStreamTracer newClientStreamTracer(ClientStreamTracer.StreamInfo info, Metadata headers) {
        return new ClientStreamTracer() {
            @Override
            public void outboundHeaders() {
                sent = true;
            }
        };
    }

    /// Puts what the attempt says on each call of a client.
    ///
    /// @param loginTimeout for the call that jetcd puts before others to get a token
    record Interceptor(Duration loginTimeout) implements ClientInterceptor {
        private static final ThreadFactory THREADS = Thread.ofVirtual().name("etcd-answers").factory();
        private static final Executor ANSWERS = task -> THREADS.newThread(task).start();

        @Override
        public <Q, A> ClientCall<Q, A> interceptCall(MethodDescriptor<Q, A> method, CallOptions options, Channel next) {
            var own = options.withExecutor(ANSWERS);
            var attempt = CURRENT.get();
            if (AuthGrpc.SERVICE_NAME.equals(method.getServiceName())) {
                own = within(own, loginTimeout);
            } else if (attempt != null) {
                own = within(own, attempt.limit).withStreamTracerFactory(attempt);
            }
            return next.newCall(method, own);
        }

        private static CallOptions within(CallOptions options, Duration limit) {
            return options.withDeadlineAfter(limit.toNanos(), TimeUnit.NANOSECONDS);
        }
    }
}
