package io.flota.simulation;

import com.google.common.base.Ticker;
import io.flota.loop.World;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Collections;
import java.util.Deque;
import java.util.IdentityHashMap;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.Semaphore;
import java.util.random.RandomGenerator;

/// A process: its threads take turns on the one thread of the simulation, and can be paused or dropped wherever they
/// wait.
final class SimProcess implements World {
    private final String name;
    private final Timeline timeline;
    private final SimClocks clocks;
    private final SplittableRandom random;
    private final Thread.UncaughtExceptionHandler fatal;
    private final Deque<Runnable> heldUp = new ArrayDeque<>();
    private boolean paused;
    private boolean dead;
    /// Threads that have not waited since they were marked.
    private final Set<Thread> goingOn = Collections.newSetFromMap(new IdentityHashMap<>());

    /// @param clocks of its machine
    SimProcess(
            String name,
            Timeline timeline,
            SimClocks clocks,
            SplittableRandom random,
            Thread.UncaughtExceptionHandler fatal) {
        this.name = name;
        this.timeline = timeline;
        this.clocks = clocks;
        this.random = random;
        this.fatal = fatal;
    }

    String name() {
        return name;
    }

    /// As by SIGKILL: not one more instruction of it.
    void kill() {
        dead = true;
        heldUp.clear();
    }

    boolean isDead() {
        return dead;
    }

    /// As by SIGSTOP.
    void pause() {
        paused = true;
    }

    /// As by SIGCONT.
    void resume() {
        paused = false;
        for (var task = heldUp.poll(); task != null; task = heldUp.poll()) {
            execute(task);
        }
    }

    boolean isPaused() {
        return paused;
    }

    /// Marks the thread that calls, until it waits for something.
    void goOn() {
        goingOn.add(Thread.currentThread());
    }

    /// Whether the thread that calls has not waited since [#goOn].
    boolean goesOn() {
        return goingOn.contains(Thread.currentThread());
    }

    /// A thread of the process, started.
    void run(String what, Runnable task) {
        thread(what, task).start();
    }

    @Override
    public Thread thread(String what, Runnable task) {
        return Fibers.unstarted(this::execute, name + "/" + what, fatal, task);
    }

    @Override
    public Ticker ticker() {
        return clocks.monotonic();
    }

    @Override
    public InstantSource clock() {
        return clocks.wall();
    }

    @Override
    public RandomGenerator random() {
        return random.split();
    }

    @Override
    public void sleep(Duration time) throws InterruptedException {
        boolean _ = acquire(new Semaphore(0), time);
    }

    @Override
    public boolean acquire(Semaphore permits, Duration atMost) throws InterruptedException {
        goingOn.remove(Thread.currentThread());
        if (permits.tryAcquire()) {
            Thread.yield(); // lets others run, and the timeline see who never rests
            return true;
        }
        var over = new boolean[1];
        var timer = timeline.after(clocks.real(atMost), () -> {
            over[0] = true;
            permits.release();
        });
        try {
            permits.acquire();
        } finally {
            timer.callOff();
        }
        return !over[0];
    }

    private void execute(Runnable task) {
        if (paused && !dead) {
            heldUp.add(task);
        } else if (!dead) {
            timeline.ready(() -> runUnlessHeldUp(task));
        }
    }

    private void runUnlessHeldUp(Runnable task) {
        if (paused || dead) {
            execute(task);
        } else {
            task.run();
        }
    }

    /// The clocks of one machine.
    static final class SimClocks {
        private final Timeline timeline;
        private final double rate;
        private Duration set;

        /// @param rate 1.01 for a clock that is 1 % fast
        /// @param set by how much the calendar is ahead
        SimClocks(Timeline timeline, double rate, Duration set) {
            this.timeline = timeline;
            this.rate = rate;
            this.set = set;
        }

        /// Somebody sets the calendar.
        void step(Duration by) {
            set = set.plus(by);
        }

        Ticker monotonic() {
            return new Ticker() {
                @Override
                public long read() {
                    return local();
                }
            };
        }

        InstantSource wall() {
            return () -> Instant.EPOCH.plus(Duration.ofDays(20_000)).plus(set).plusNanos(local());
        }

        /// How long it really takes until so much time has passed by this clock.
        Duration real(Duration local) {
            return Duration.ofNanos((long) Math.ceil(local.toNanos() / rate));
        }

        private long local() {
            return (long) (timeline.nowNanos() * rate);
        }
    }
}
