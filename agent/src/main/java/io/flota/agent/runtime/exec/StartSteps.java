package io.flota.agent.runtime.exec;

import com.google.common.collect.ImmutableList;
import io.flota.agent.runtime.UnitRuntime;
import io.flota.agent.runtime.exec.Act.AwaitEmpty;
import io.flota.agent.runtime.exec.ServiceSettings.Type;
import java.time.Instant;
import java.util.Optional;

/// The part of [UnitMachine] that brings a unit up.
abstract class StartSteps extends StopSteps {
    StartSteps(String name, ServiceSettings settings, Draft draft) {
        super(name, settings, draft);
    }

    void startByRequest(long epochBase) {
        if (draft.phase.isDown() || draft.phase == Phase.AUTO_RESTART) {
            draft.restarts = 0;
            start(epochBase);
        }
    }

    /// Whoever waits to be started fails; what runs is dying, and fails by this if by nothing else.
    void struck(String because) {
        boolean waits = draft.phase.isDown() || draft.phase == Phase.AUTO_RESTART;
        if (waits) {
            draft.result = Result.SUCCESS;
        }
        draft.fail(Result.FENCED, because);
        draft.log(because);
        if (waits) {
            draft.enter(Phase.FAILED);
        }
    }

    void start(long epochBase) {
        draft.stopRequested = false;
        draft.mainExit = Optional.empty();
        draft.result = Result.SUCCESS;
        draft.reason = "";
        draft.status = "";
        if (!underStartLimit()) {
            return;
        }
        draft.epoch = draft.epoch.next(epochBase);
        if (draft.epoch.isUsedUp()) {
            draft.fail(Result.FENCED, "started " + UnitRuntime.MOST_STARTS
                    + " times since it was placed here, which are all epochs that there are; restart it by unitctl");
            draft.enter(Phase.FAILED);
            return;
        }
        draft.activated = draft.now;
        draft.log("Starting " + name);
        runHook(Phase.CONDITION);
    }

    boolean underStartLimit() {
        var limit = settings.startLimit();
        if (!limit.exists()) {
            return true;
        }
        var from = draft.now.minus(limit.interval());
        var starts = draft.starts.stream().filter(at -> at.isAfter(from)).collect(ImmutableList.toImmutableList());
        if (starts.size() >= limit.burst()) {
            draft.fail(
                    Result.START_LIMIT_HIT,
                    "started " + starts.size() + " times within " + words(limit.interval())
                            + ", not started again (StartLimitBurst=" + limit.burst() + ")");
            draft.enter(Phase.FAILED);
            draft.log("Start request repeated too quickly.");
            draft.log("Failed with result 'start-limit-hit'.");
            return false;
        }
        draft.starts = ImmutableList.<Instant>builder().addAll(starts).add(draft.now).build();
        return true;
    }

    void dependencyFailed(String reason) {
        if (draft.phase.isDown()) {
            draft.result = Result.SUCCESS;
            draft.fail(Result.DEPENDENCY, reason);
            draft.enter(Phase.FAILED);
            draft.log("Dependency failed for " + name + ": " + reason);
        }
    }

    @Override
    void afterHook() {
        switch (draft.phase) {
            case CONDITION -> runHook(Phase.START_PRE);
            case START_PRE -> runHook(Phase.START);
            case START -> runHook(Phase.START_POST);
            case START_POST -> up();
            case STOP -> signal(Phase.STOP_SIGTERM);
            case STOP_POST -> {
                if (settings.commands().get(Hook.STOP_POST).isEmpty()) {
                    down();
                } else {
                    signal(Phase.FINAL_SIGTERM);
                }
            }
            case DEAD, FAILED, AUTO_RESTART, RUNNING, EXITED, STOP_SIGTERM, STOP_SIGKILL, FINAL_SIGTERM,
                    FINAL_SIGKILL -> throw new IllegalStateException("no commands belong to " + draft.phase);
        }
    }

    /// All commands of the start are done.
    void up() {
        if (draft.result.isFailure()) {
            signal(Phase.STOP_SIGTERM);
        } else if (draft.main.isPresent() || settings.type() == Type.FORKING && draft.mainExit.isEmpty()) {
            draft.enter(Phase.RUNNING);
            draft.deadline = settings.timeouts().run().map(draft.now::plus);
            draft.log("Started " + name);
            if (draft.main.isEmpty()) {
                draft.emptied = false;
                draft.act(new AwaitEmpty(draft.runs));
            }
        } else if (settings.remain()) {
            draft.enter(Phase.EXITED);
            draft.log("Started " + name);
        } else {
            draft.log("Finished " + name);
            stop();
        }
    }

    void ready() {
        if (draft.phase == Phase.START && settings.type() == Type.NOTIFY) {
            afterHook();
        }
    }

    void mainFound(long pid, long ticks) {
        boolean searching = draft.phase == Phase.START && draft.control.isEmpty();
        boolean exchanged = draft.phase.isUp() || draft.phase.isStarting();
        if (draft.main.filter(proc -> proc.pid() == pid).isPresent() || !exchanged) {
            return;
        }
        draft.main = Optional.of(new Proc(++draft.runs, pid, ticks));
        draft.act(new Act.WatchMain());
        if (searching && settings.type() == Type.FORKING) {
            afterHook();
        }
    }

    void mainUnclear() {
        if (draft.phase == Phase.START && draft.control.isEmpty() && settings.type() == Type.FORKING) {
            draft.log("Which of its processes is the main one is not clear; it is up as long as one of them runs.");
            afterHook();
        }
    }
}
