package io.flota.agent.runtime.exec;

import io.flota.unit.UnitName;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Work for units: one piece after the other for each, side by side for different ones.
final class Lanes implements AutoCloseable {
    /// Long enough for what is under way; acts take milliseconds.
    private static final Duration LAST_WORK = Duration.ofSeconds(10);

    private static final Logger log = LoggerFactory.getLogger(Lanes.class);

    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final Map<UnitName, Queue<Runnable>> lanes = new HashMap<>();

    void submit(UnitName unit, Runnable work) {
        synchronized (lanes) {
            var waiting = lanes.get(unit);
            if (waiting != null) {
                waiting.add(work);
                return;
            }
            var lane = new ArrayDeque<Runnable>();
            lane.add(work);
            lanes.put(unit, lane);
        }
        threads.execute(() -> drive(unit));
    }

    private void drive(UnitName unit) {
        while (true) {
            Runnable work;
            synchronized (lanes) {
                work = lanes.get(unit).poll();
                if (work == null) {
                    lanes.remove(unit);
                    return;
                }
            }
            try {
                work.run();
            } catch (RuntimeException e) {
                log.error("work for a unit went wrong unit={}", unit, e);
            }
        }
    }

    /// Waits until all work is done.
    @Override
    public void close() {
        threads.shutdown();
        try {
            if (!threads.awaitTermination(LAST_WORK.toSeconds(), TimeUnit.SECONDS)) {
                threads.shutdownNow();
            }
        } catch (InterruptedException _) {
            threads.shutdownNow();
            Thread.currentThread().interrupt();
        }
    }
}
