package io.flota.agent.runtime.docker;

import com.github.dockerjava.api.exception.DockerException;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;

/// Calls Docker under a time limit of ours, as there is none on a unix socket, and tells how it went in our words.
final class Calls {
    private final EngineSettings settings;
    private final InstantSource clock;
    private final AtomicReference<Optional<Instant>> away = new AtomicReference<>(Optional.empty());

    Calls(EngineSettings settings, InstantSource clock) {
        this.settings = settings;
        this.clock = clock;
    }

    /// Asks what changes nothing. Tried again once, as the daemon may have been restarted since the connection was
    /// made.
    <T> T ask(String what, Callable<T> call) throws EngineException, InterruptedException {
        try {
            return act(what, call);
        } catch (EngineAwayException e) {
            if (e.getCause() instanceof TimeoutException) {
                throw e;
            }
            return act(what, call);
        }
    }

    /// @param what as in "cannot …", such as `start container web`
    <T> T act(String what, Callable<T> call) throws EngineException, InterruptedException {
        return act(what, settings.answer(), call);
    }

    /// @param limit of a call that waits for something
    <T> T act(String what, Duration limit, Callable<T> call) throws EngineException, InterruptedException {
        var task = new FutureTask<>(call);
        var thread = Thread.ofVirtual().name("docker-call").start(task);
        try {
            var answer = task.get(limit.toNanos(), TimeUnit.NANOSECONDS);
            away.set(Optional.empty());
            return answer;
        } catch (TimeoutException e) {
            throw away(what, "no answer for " + limit.toMillis() + " ms", e);
        } catch (ExecutionException e) {
            throw failed(what, e.getCause());
        } finally {
            thread.interrupt(); // closes the connection of a call that nobody waits for any more
        }
    }

    /// What a failure means.
    EngineException failed(String what, Throwable failure) {
        if (failure instanceof DockerException refusal) {
            away.set(Optional.empty());
            return EngineRefusedException.of(what, refusal.getHttpStatus(), refusal.getMessage(), refusal);
        }
        for (var cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof IOException) {
                return away(what, cause.getMessage() == null ? cause.toString() : cause.getMessage(), failure);
            }
        }
        throw new IllegalStateException("cannot " + what, failure);
    }

    private EngineAwayException away(String what, String because, Throwable cause) {
        var now = clock.instant();
        var since = away.updateAndGet(known -> known.or(() -> Optional.of(now))).orElse(now);
        return new EngineAwayException(
                "cannot " + what + ": Docker at " + settings.address() + " is away since " + since + ": " + because,
                since, cause);
    }
}
