package io.flota.simulation;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.PriorityQueue;

/// The one order in which all happens: what is ready runs at once and in order, and time jumps to the next thing that
/// is to happen when nothing is ready.
final class Timeline {
    /// Something that will happen, unless it is called off.
    static final class Appointment implements Comparable<Appointment> {
        private final long nanos;
        private final long number;
        private Runnable task;

        private Appointment(long nanos, long number, Runnable task) {
            this.nanos = nanos;
            this.number = number;
            this.task = task;
        }

        void callOff() {
            task = () -> {};
        }

        @Override
        public int compareTo(Appointment other) {
            int order = Long.compare(nanos, other.nanos);
            return order == 0 ? Long.compare(number, other.number) : order;
        }
    }

    /// More than this in one instant is somebody who turns in circles.
    private static final int MOST_AT_ONCE = 100_000;

    private final PriorityQueue<Appointment> appointments = new PriorityQueue<>();
    private final Deque<Runnable> ready = new ArrayDeque<>();
    private long nowNanos;
    private long made;
    private int atOnce;

    Duration now() {
        return Duration.ofNanos(nowNanos);
    }

    long nowNanos() {
        return nowNanos;
    }

    /// @param inNanos at once if it is not positive
    Appointment after(long inNanos, Runnable task) {
        var appointment = new Appointment(nowNanos + Math.max(0, inNanos), ++made, task);
        appointments.add(appointment);
        return appointment;
    }

    Appointment after(Duration in, Runnable task) {
        return after(in.toNanos(), task);
    }

    /// Runs the task before time passes.
    void ready(Runnable task) {
        ready.add(task);
    }

    /// Lets happen what happens up to a moment.
    void runUntil(Duration moment) {
        long end = moment.toNanos();
        runReady();
        while (!appointments.isEmpty() && appointments.peek().nanos <= end) {
            var next = appointments.remove();
            atOnce = next.nanos == nowNanos ? atOnce + 1 : 0;
            nowNanos = next.nanos;
            next.task.run();
            runReady();
        }
        nowNanos = Math.max(nowNanos, end);
    }

    private void runReady() {
        for (var task = ready.poll(); task != null; task = ready.poll()) {
            task.run();
            if (++atOnce > MOST_AT_ONCE) {
                throw new AssertionError("somebody turns in circles without letting time pass");
            }
        }
    }
}
