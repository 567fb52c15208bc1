package io.flota.store;

import com.google.common.collect.ImmutableList;
import io.grpc.CallOptions;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCalls;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/// Asks one member of etcd at a time, and turns to the next one when it does not answer.
///
/// It stays with the member that answered last, so that one that hangs costs a timeout once, not each third call.
final class EtcdCalls implements AutoCloseable {
    /// Below this, "for … s" in a message tells an operator nothing.
    private static final Duration WORTH_TELLING = Duration.ofSeconds(2);

    /// One question.
    ///
    /// @param what an infinitive for "cannot …"
    /// @param repeatable whether asking twice does no harm
    /// @param timeout empty: the default
    /// @param whenNotFound what to answer if etcd says that the thing is not there; empty: that is a failure
    record Call<Q, A>(
            String what,
            MethodDescriptor<Q, A> method,
            Q request,
            boolean repeatable,
            Optional<Duration> timeout,
            Optional<A> whenNotFound) {
        static <Q, A> Call<Q, A> repeatable(String what, MethodDescriptor<Q, A> method, Q request) {
            return new Call<>(what, method, request, true, Optional.empty(), Optional.empty());
        }

        static <Q, A> Call<Q, A> once(String what, MethodDescriptor<Q, A> method, Q request) {
            return new Call<>(what, method, request, false, Optional.empty(), Optional.empty());
        }

        Call<Q, A> within(Duration timeout) {
            return new Call<>(what, method, request, repeatable, Optional.of(timeout), whenNotFound);
        }

        Call<Q, A> whenNotFound(A answer) {
            return new Call<>(what, method, request, repeatable, timeout, Optional.of(answer));
        }
    }

    private final EtcdLogin login;
    private final Duration timeout;
    private final ImmutableList<EtcdMember> members;
    private final EventLoopGroup loop =
            new MultiThreadIoEventLoopGroup(1, new DefaultThreadFactory("etcd", true), NioIoHandler.newFactory());
    private final ThreadFactory callbacks = Thread.ofVirtual().name("etcd-answers").factory();

    private volatile EtcdMember preferred;
    private volatile long lastAnswerNanos = System.nanoTime();

    EtcdCalls(EtcdSettings settings) {
        this.login = new EtcdLogin(settings.login(), settings.callTimeout());
        this.timeout = settings.callTimeout();
        this.members = settings.endpoints().stream()
                .map(endpoint -> new EtcdMember(endpoint, settings, loop, task -> callbacks.newThread(task).start()))
                .collect(ImmutableList.toImmutableList());
        // Each process starts anywhere, or all of them would burden the member that is named first.
        this.preferred = members.get(ThreadLocalRandom.current().nextInt(members.size()));
    }

    /// The member to ask first.
    EtcdMember preferred() {
        return preferred;
    }

    CallOptions attachToken(CallOptions options, EtcdMember member) {
        return login.attach(options, member);
    }

    <Q, A> A ask(Call<Q, A> call) throws StoreException {
        long start = System.nanoTime();
        Duration limit = call.timeout().filter(own -> own.compareTo(timeout) < 0).orElse(timeout);
        var tried = new LinkedHashSet<EtcdMember>();
        while (true) {
            var member = preferred;
            tried.add(member);
            var wire = new EtcdMember.Wire();
            try {
                A answer = attempt(call, member, wire, limit);
                lastAnswerNanos = System.nanoTime();
                return answer;
            } catch (StatusRuntimeException e) {
                if (call.whenNotFound().isPresent() && e.getStatus().getCode() == Status.Code.NOT_FOUND) {
                    return call.whenNotFound().get();
                }
                boolean harmless = call.repeatable() || !wire.reached();
                boolean inTime = System.nanoTime() - start < 2 * limit.toNanos();
                if (!(turnFrom(member, e.getStatus(), tried) && harmless && inTime)) {
                    throw failure(call, tried, e, limit, wire.reached());
                }
            }
        }
    }

    @Override
    public void close() {
        members.forEach(EtcdMember::close);
        loop.shutdownGracefully(0, 1, TimeUnit.SECONDS);
    }

    private <Q, A> A attempt(Call<Q, A> call, EtcdMember member, EtcdMember.Wire wire, Duration limit) {
        var options = CallOptions.DEFAULT.withStreamTracerFactory(wire);
        try {
            return attempt(call, member, login.attach(options, member), limit);
        } catch (StatusRuntimeException e) {
            if (EtcdFailure.isStaleToken(e.getStatus()) && login.forget()) {
                return attempt(call, member, login.attach(options, member), limit);
            }
            throw e;
        }
    }

    private <Q, A> A attempt(Call<Q, A> call, EtcdMember member, CallOptions options, Duration limit) {
        var inTime = options.withDeadlineAfter(limit.toNanos(), TimeUnit.NANOSECONDS);
        return ClientCalls.blockingUnaryCall(member.channel(), call.method(), inTime, call.request());
    }

    /// After a failure; whether another member remains to be asked.
    private boolean turnFrom(EtcdMember member, Status status, LinkedHashSet<EtcdMember> tried) {
        if (!EtcdFailure.isOutage(status)) {
            return false;
        }
        member.reconnectSoon();
        if (preferred == member) {
            preferred = members.get((members.indexOf(member) + 1) % members.size());
        }
        return !tried.contains(preferred);
    }

    private StoreException failure(
            Call<?, ?> call, LinkedHashSet<EtcdMember> tried, StatusRuntimeException e, Duration limit, boolean sent) {
        var status = e.getStatus();
        var at = tried.stream().map(EtcdMember::toString).collect(Collectors.joining(", "));
        var silence = Duration.ofNanos(System.nanoTime() - lastAnswerNanos);
        boolean outage = EtcdFailure.isOutage(status);
        var since = outage && silence.compareTo(WORTH_TELLING) > 0 ? " for " + EtcdFailure.seconds(silence) : "";
        boolean unknown = !call.repeatable() && sent && !EtcdFailure.isRefusal(status);
        return new StoreException(
                "cannot " + call.what() + " in etcd at " + at + since + ": " + EtcdFailure.because(status, limit)
                        + (unknown ? "; it may have been done all the same" : ""),
                unknown,
                e);
    }
}
