package io.flota.loop;

import java.time.Duration;
import java.util.concurrent.Semaphore;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Drives one [Reconciler] on one virtual thread of a [World]. Signals that arrive during a pass fold into one more
/// pass.
///
/// A pass that fails by a checked exception is an outage: it is logged here and tried again after a rest that signals
/// do not cut short. A RuntimeException is a bug: it ends the loop and goes to the world's handler of uncaught
/// exceptions, which has to end the process.
public final class Loop implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Loop.class);
    private static final Duration FIRST_RETRY = Duration.ofMillis(100);
    private static final Duration LAST_RETRY = Duration.ofSeconds(1);

    private final World world;
    private final String name;
    private final Reconciler reconciler;
    private final Backoff backoff;
    private final Semaphore signals = new Semaphore(0);
    private final Thread thread;
    private int failures;

    public Loop(World world, String name, Reconciler reconciler, Backoff backoff) {
        this.world = world;
        this.name = name;
        this.reconciler = reconciler;
        this.backoff = backoff;
        this.thread = world.thread(name, this::run);
    }

    /// One that rests between a tenth of a second and a second after failures: an operator who starts etcd again
    /// should not wait for us.
    public Loop(World world, String name, Reconciler reconciler) {
        this(world, name, reconciler, new Backoff(FIRST_RETRY, LAST_RETRY, world.random()));
    }

    /// Begins with a first pass at once.
    public Loop start() {
        thread.start();
        return this;
    }

    /// There may be something to do. Never blocks; may be called before the start.
    public void signal() {
        signals.release();
    }

    /// Interrupts the pass that runs, if any, and waits for its end. From within a pass it does not wait.
    @Override
    public void close() {
        thread.interrupt();
        if (Thread.currentThread() == thread) {
            return;
        }
        try {
            thread.join();
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    private void run() {
        try {
            while (!Thread.currentThread().isInterrupted()) {
                Duration rest = pass();
                boolean _ = world.acquire(signals, rest);
                signals.drainPermits();
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    private Duration pass() throws InterruptedException {
        try {
            Duration rest = reconciler.reconcile();
            succeeded();
            return rest;
        } catch (RuntimeException | InterruptedException e) {
            throw e;
        } catch (Exception outage) {
            if (!Thread.currentThread().isInterrupted()) {
                world.sleep(failed(outage));
            }
            return Duration.ZERO;
        }
    }

    private void succeeded() {
        if (failures > 0) {
            LOG.info("works again loop={} failures={}", name, failures);
        }
        failures = 0;
        backoff.reset();
    }

    private Duration failed(Exception outage) {
        failures++;
        var rest = backoff.next();
        // A long outage is told ever more rarely.
        if (Integer.bitCount(failures) == 1) {
            LOG.warn("fails loop={} failures={} because={}", name, failures, outage.getMessage());
        }
        return rest;
    }
}
