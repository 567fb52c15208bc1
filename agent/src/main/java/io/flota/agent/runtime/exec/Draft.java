package io.flota.agent.runtime.exec;

import com.google.common.collect.ImmutableList;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// A [Life] while it is being changed, and the acts that go with the change.
final class Draft {
    final Instant now;
    final List<Act> acts = new ArrayList<>();
    Phase phase;
    int command;
    Optional<Proc> main;
    Optional<Proc> control;
    Optional<Exit> mainExit;
    Result result;
    boolean stopRequested;
    boolean emptied;
    boolean unheard;
    Optional<Instant> deadline;
    Instant since;
    Instant activated;
    int restarts;
    ImmutableList<Instant> starts;
    Epoch epoch;
    long runs;
    String reason;
    String status;

    Draft(Life life, Instant now) {
        this.now = now;
        phase = life.phase();
        command = life.command();
        main = life.main();
        control = life.control();
        mainExit = life.mainExit();
        result = life.result();
        stopRequested = life.stopRequested();
        emptied = life.emptied();
        unheard = life.unheard();
        deadline = life.deadline();
        since = life.since();
        activated = life.activated();
        restarts = life.restarts();
        starts = life.starts();
        epoch = life.epoch();
        runs = life.runs();
        reason = life.reason();
        status = life.status();
    }

    Life life() {
        return new Life(
                phase, command, main, control, mainExit, result, stopRequested, emptied, unheard, deadline, since,
                activated, restarts, starts, epoch, runs, reason, status);
    }

    void enter(Phase next) {
        if (!next.active().equals(phase.active())) {
            since = now;
        }
        phase = next;
        command = 0;
        unheard = false;
        deadline = Optional.empty();
    }

    void act(Act act) {
        acts.add(act);
    }

    void log(String text) {
        acts.add(new Act.Log(text));
    }

    /// The first thing that goes wrong is what an operator reads.
    void fail(Result why, String words) {
        if (result == Result.SUCCESS && why != Result.SUCCESS) {
            result = why;
            reason = words;
        }
    }
}
