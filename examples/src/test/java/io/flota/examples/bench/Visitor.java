package io.flota.examples.bench;

import io.flota.examples.Traffic;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/// Asks for a page at a fixed rate, whatever became of the earlier requests, each on a connection of its own.
final class Visitor implements AutoCloseable {
    private static final int REQUESTS_PER_SECOND = Traffic.PER_SECOND;

    private final URI page;
    private final AtomicInteger sent = new AtomicInteger();
    private final AtomicInteger failed = new AtomicInteger();
    private final ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor();
    private final ExecutorService requests = Executors.newVirtualThreadPerTaskExecutor();

    Visitor(URI page) {
        this.page = page;
        var interval = Duration.ofSeconds(1).dividedBy(REQUESTS_PER_SECOND);
        clock.scheduleAtFixedRate(() -> requests.execute(this::ask), 0, interval.toNanos(), TimeUnit.NANOSECONDS);
    }

    static boolean serves(URI page) {
        return answer(page).isPresent();
    }

    /// The page's text, if there is an answer of status 200 within a second.
    static Optional<String> answer(URI page) {
        try {
            return Optional.of(Traffic.get(page));
        } catch (IOException _) {
            return Optional.empty(); // which is what is counted
        }
    }

    private void ask() {
        sent.incrementAndGet();
        if (!serves(page)) {
            failed.incrementAndGet();
        }
    }

    int sent() {
        return sent.get();
    }

    /// Complete once this is closed.
    int failed() {
        return failed.get();
    }

    @Override
    public void close() {
        clock.close();
        requests.close();
    }
}
