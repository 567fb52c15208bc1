package io.flota.agent.runtime.inside;

import io.flota.agent.runtime.process.ProcFs;
import io.flota.agent.runtime.process.ProcFs.Stat;
import io.flota.agent.runtime.process.Signal;
import io.flota.agent.runtime.process.Signals;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/// The processes that an errand has made: one that leads a session, and those that it has started there.
record Visit(Process leader) {
    /// For a program that wants to save something when its terminal goes.
    private static final Duration GRACE = Duration.ofSeconds(1);
    private static final Duration BETWEEN_LOOKS = Duration.ofMillis(20);

    Optional<Integer> await(Duration patience) throws InterruptedException {
        return leader.waitFor(patience.toMillis(), TimeUnit.MILLISECONDS)
                ? Optional.of(leader.exitValue())
                : Optional.empty();
    }

    /// SIGHUP to all, as if a terminal had gone; SIGKILL to those that stay. Nothing if the leader has ended, for what it
    /// left behind was meant to stay.
    void end() {
        try {
            if (leader.isAlive()) {
                var members = ProcFs.ofSession(leader.pid());
                Signals.send(Signal.HUP, members.stream().map(Stat::pid).toList());
                var deadline = System.nanoTime() + GRACE.toNanos();
                while (!alive(members).isEmpty() && System.nanoTime() < deadline) {
                    LockSupport.parkNanos(BETWEEN_LOOKS.toNanos());
                }
                Signals.kill(alive(members));
                Signals.kill(leader.isAlive() ? List.of(leader.pid()) : List.of());
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot see what an errand has started", e);
        }
    }

    private static List<Long> alive(List<Stat> members) {
        return members.stream().filter(stat -> ProcFs.isAlive(stat.pid(), stat.ticks())).map(Stat::pid).toList();
    }
}
