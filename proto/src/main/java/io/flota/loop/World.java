package io.flota.loop;

import com.google.common.base.Ticker;
import java.time.Duration;
import java.time.InstantSource;
import java.util.SplittableRandom;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;

/// What a process has beside its store: threads, time and chance. By default the machine's; a simulation has its own.
/// Whoever waits for time to pass has to do it here.
public interface World {
    World REAL = new World() {
        @Override
        public Ticker uptime() {
            return Uptime.TICKER;
        }
    };

    /// A virtual thread that is not started yet. What it throws goes to the default handler of uncaught exceptions.
    default Thread thread(String name, Runnable task) {
        return Thread.ofVirtual().name(name).unstarted(task);
    }

    /// Time that passes evenly, from an arbitrary beginning.
    default Ticker ticker() {
        return Ticker.systemTicker();
    }

    /// Time since the machine's boot, the same for all its processes, those that are yet to start included; it goes on
    /// while the machine is suspended. What another process has to keep is told in it. A simulation may leave it at
    /// [#ticker] if that is one for all processes of a machine.
    default Ticker uptime() {
        return ticker();
    }

    /// What the calendar says; may be set at any moment.
    default InstantSource clock() {
        return InstantSource.system();
    }

    /// A generator for one thread.
    default RandomGenerator random() {
        return new SplittableRandom();
    }

    default void sleep(Duration time) throws InterruptedException {
        Thread.sleep(time);
    }

    /// Takes one permit.
    ///
    /// @return false if there was none until the time was up
    default boolean acquire(Semaphore permits, Duration atMost) throws InterruptedException {
        return permits.tryAcquire(atMost.toNanos(), TimeUnit.NANOSECONDS);
    }
}
