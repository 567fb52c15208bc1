package io.flota.store;

import com.google.common.collect.ImmutableList;
import io.flota.store.EtcdMember.Connection;
import io.grpc.Status;
import io.grpc.StatusException;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Function;
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
    /// @param request how to put it to a member
    /// @param repeatable whether asking twice does no harm
    /// @param timeout empty: the default
    /// @param whenNotFound what to answer if etcd says that the thing is not there; empty: that is a failure
    record Call<A>(
            String what,
            Function<Connection, CompletableFuture<A>> request,
            boolean repeatable,
            Optional<Duration> timeout,
            Optional<A> whenNotFound) {
        static <A> Call<A> repeatable(String what, Function<Connection, CompletableFuture<A>> request) {
            return new Call<>(what, request, true, Optional.empty(), Optional.empty());
        }

        static <A> Call<A> once(String what, Function<Connection, CompletableFuture<A>> request) {
            return new Call<>(what, request, false, Optional.empty(), Optional.empty());
        }

        Call<A> within(Duration timeout) {
            return new Call<>(what, request, repeatable, Optional.of(timeout), whenNotFound);
        }

        Call<A> whenNotFound(A answer) {
            return new Call<>(what, request, repeatable, timeout, Optional.of(answer));
        }
    }

    private final boolean hasLogin;
    private final Duration timeout;
    private final ImmutableList<EtcdMember> members;

    private volatile EtcdMember preferred;
    private volatile long lastAnswerNanos = System.nanoTime();

    EtcdCalls(EtcdSettings settings) {
        this.hasLogin = settings.login().isPresent();
        this.timeout = settings.callTimeout();
        this.members = settings.endpoints().stream()
                .map(endpoint -> new EtcdMember(endpoint, settings))
                .collect(ImmutableList.toImmutableList());
        // Each process starts anywhere, or all of them would burden the member that is named first.
        this.preferred = members.get(ThreadLocalRandom.current().nextInt(members.size()));
    }

    /// The connection to ask first.
    Connection preferred() {
        return preferred.connection();
    }

    <A> A ask(Call<A> call) throws StoreException {
        long start = System.nanoTime();
        Duration limit = call.timeout().filter(own -> own.compareTo(timeout) < 0).orElse(timeout);
        var tried = new LinkedHashSet<EtcdMember>();
        while (true) {
            var member = preferred;
            var connection = member.connection();
            tried.add(member);
            var attempt = new EtcdAttempt(limit);
            try {
                A answer = attempt(call, connection, attempt);
                lastAnswerNanos = System.nanoTime();
                return answer;
            } catch (StatusException e) {
                if (call.whenNotFound().isPresent() && e.getStatus().getCode() == Status.Code.NOT_FOUND) {
                    return call.whenNotFound().get();
                }
                boolean harmless = call.repeatable() || !attempt.sent();
                boolean inTime = System.nanoTime() - start < 2 * limit.toNanos();
                if (!(turnFrom(member, connection, attempt, e.getStatus(), tried) && harmless && inTime)) {
                    throw failure(call, tried, e, attempt);
                }
            }
        }
    }

    @Override
    public void close() {
        members.forEach(EtcdMember::close);
    }

    private <A> A attempt(Call<A> call, Connection connection, EtcdAttempt attempt) throws StatusException {
        try {
            return attempt.await(() -> call.request().apply(connection));
        } catch (StatusException e) {
            if (hasLogin && EtcdFailure.isStaleToken(e.getStatus())) {
                // jetcd has forgotten the token by now, and gets a new one.
                return attempt.await(() -> call.request().apply(connection));
            }
            throw e;
        }
    }

    /// After a failure; whether there is a connection that is still to be asked.
    private boolean turnFrom(
            EtcdMember member,
            Connection connection,
            EtcdAttempt attempt,
            Status status,
            LinkedHashSet<EtcdMember> tried) {
        if (!EtcdFailure.isOutage(status)) {
            return false;
        }
        if (member.connection() != connection) {
            return true; // somebody else took a new one and closed this one under our feet
        }
        if (!attempt.sent() && (status.getCode() == Status.Code.UNAVAILABLE || connection.isOld())) {
            member.reconnect(connection);
        }
        if (preferred == member) {
            preferred = members.get((members.indexOf(member) + 1) % members.size());
        }
        return !tried.contains(preferred);
    }

    private StoreException failure(
            Call<?> call, LinkedHashSet<EtcdMember> tried, StatusException e, EtcdAttempt attempt) {
        var status = e.getStatus();
        var at = tried.stream().map(EtcdMember::toString).collect(Collectors.joining(", "));
        var silence = Duration.ofNanos(System.nanoTime() - lastAnswerNanos);
        boolean outage = EtcdFailure.isOutage(status);
        var since = outage && silence.compareTo(WORTH_TELLING) > 0 ? " for " + EtcdFailure.seconds(silence) : "";
        boolean unknown = !call.repeatable() && attempt.sent() && !EtcdFailure.isRefusal(status);
        return new StoreException(
                "cannot " + call.what() + " in etcd at " + at + since + ": "
                        + EtcdFailure.because(status, attempt.limit())
                        + (unknown ? "; it may have been done all the same" : ""),
                unknown,
                e);
    }
}
