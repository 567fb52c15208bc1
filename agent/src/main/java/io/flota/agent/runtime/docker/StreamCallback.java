package io.flota.agent.runtime.docker;

import com.github.dockerjava.api.async.ResultCallback;
import java.io.Closeable;
import java.io.EOFException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;

/// What docker-java feeds a stream of Docker's to, and who waits for its end.
abstract class StreamCallback<T> implements ResultCallback<T> {
    private final CountDownLatch ended = new CountDownLatch(1);
    private final AtomicReference<Optional<Closeable>> open = new AtomicReference<>(Optional.empty());
    private final AtomicReference<Optional<Throwable>> failure = new AtomicReference<>(Optional.empty());

    @Override
    public void onStart(Closeable closeable) {
        open.set(Optional.of(closeable));
    }

    @Override
    public void onError(Throwable throwable) {
        failure.compareAndSet(Optional.empty(), Optional.of(throwable));
        ended.countDown();
    }

    @Override
    public void onComplete() {
        ended.countDown();
    }

    /// Whether Docker has answered.
    boolean wasOpen() {
        return open.get().isPresent();
    }

    void awaitEnd() throws InterruptedException {
        ended.await();
    }

    /// @return whether it has ended
    boolean awaitEnd(Duration limit) throws InterruptedException {
        return ended.await(limit.toNanos(), TimeUnit.NANOSECONDS);
    }

    /// Why it has ended, unless it was complete.
    Optional<Throwable> failure() {
        return failure.get();
    }

    /// Why it has ended, where it never should.
    Throwable end() {
        return failure.get().orElseGet(() -> new EOFException("it has closed the connection"));
    }

    @Override
    public void close() {
        open.get().ifPresent(Quietly::close);
    }
}
