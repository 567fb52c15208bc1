package io.flota.agent.runtime.exec;

import io.flota.agent.runtime.exec.Act.AwaitEmpty;
import io.flota.agent.runtime.exec.Act.Kill;
import io.flota.agent.runtime.exec.Act.Scope;
import io.flota.agent.runtime.exec.ServiceSettings.KillMode;
import io.flota.agent.runtime.process.Signal;
import java.util.Optional;

/// The part of [UnitMachine] that takes a unit down.
abstract class StopSteps extends CommandSteps {
    StopSteps(String name, ServiceSettings settings, Draft draft) {
        super(name, settings, draft);
    }

    void stopByRequest(String because) {
        draft.stopRequested = true;
        if (!draft.phase.isDown()) {
            draft.reason = because;
        }
        switch (draft.phase) {
            case AUTO_RESTART -> {
                draft.enter(Phase.DEAD);
                draft.log("Stopped " + name);
            }
            case CONDITION, START_PRE, START, START_POST -> signal(Phase.STOP_SIGTERM);
            case RUNNING, EXITED -> {
                draft.log("Stopping " + name);
                stop();
            }
            case DEAD, FAILED, STOP, STOP_SIGTERM, STOP_SIGKILL, STOP_POST, FINAL_SIGTERM, FINAL_SIGKILL -> {}
        }
    }

    void stop() {
        runHook(Phase.STOP);
    }

    /// The unit said that it is about to end: it is given its time, and not killed before.
    void stopping() {
        if (draft.phase == Phase.RUNNING) {
            draft.enter(Phase.STOP_SIGTERM);
            draft.emptied = false;
            draft.deadline = settings.timeouts().stop().map(draft.now::plus);
            awaitEmptyIfItCounts();
        }
    }

    void signal(Phase phase) {
        draft.enter(phase);
        draft.emptied = false;
        draft.deadline = settings.timeouts().stop().map(draft.now::plus);
        kill();
        awaitEmptyIfItCounts();
        settle();
    }

    void kill() {
        var killing = settings.killing();
        boolean last = draft.phase.isSigkill();
        var signal = last ? killing.finalSignal() : killing.signal();
        switch (killing.mode()) {
            case CONTROL_GROUP -> kill(Scope.TREE, signal);
            case MIXED -> kill(last ? Scope.TREE : Scope.KNOWN, signal);
            case PROCESS -> kill(Scope.KNOWN, signal);
            case NONE -> {}
        }
    }

    void kill(Scope scope, Signal signal) {
        draft.act(new Kill(scope, signal));
        if (settings.killing().sighup() && !draft.phase.isSigkill()) {
            draft.act(new Kill(scope, Signal.HUP));
        }
    }

    void awaitEmptyIfItCounts() {
        if (wholeTreeCounts()) {
            draft.act(new AwaitEmpty(draft.runs));
        }
    }

    /// Whether this phase is over only once the unit's tree is empty.
    boolean wholeTreeCounts() {
        return switch (settings.killing().mode()) {
            case CONTROL_GROUP -> true;
            case MIXED -> draft.phase.isSigkill();
            case PROCESS, NONE -> false;
        };
    }

    /// Goes on once nothing is left of what was to be killed.
    void settle() {
        if (!draft.phase.isSignalling()) {
            return;
        }
        boolean known = draft.main.isPresent() || draft.control.isPresent();
        boolean left = settings.killing().mode() != KillMode.NONE && known;
        if (!left && (draft.emptied || !wholeTreeCounts())) {
            afterSignal();
        }
    }

    void afterSignal() {
        boolean mixed = settings.killing().mode() == KillMode.MIXED;
        switch (draft.phase) {
            case STOP_SIGTERM -> {
                if (mixed) {
                    signal(Phase.STOP_SIGKILL);
                } else {
                    runHook(Phase.STOP_POST);
                }
            }
            case STOP_SIGKILL -> runHook(Phase.STOP_POST);
            case FINAL_SIGTERM -> {
                if (mixed) {
                    signal(Phase.FINAL_SIGKILL);
                } else {
                    down();
                }
            }
            case FINAL_SIGKILL -> down();
            case DEAD, FAILED, AUTO_RESTART, CONDITION, START_PRE, START, START_POST, RUNNING, EXITED, STOP,
                    STOP_POST -> throw new IllegalStateException("no signals belong to " + draft.phase);
        }
    }

    /// Nothing of the unit runs any more, or nothing more can be done about it.
    void down() {
        draft.main = Optional.empty();
        draft.control = Optional.empty();
        draft.act(new Act.Clean());
        boolean restarts = RestartDecision.restarts(settings, draft.life());
        if (draft.result.isFailure()) {
            draft.log("Failed with result '" + draft.result.word() + "'.");
        } else {
            draft.log(draft.stopRequested ? "Stopped " + name : "Deactivated successfully.");
        }
        if (restarts) {
            draft.enter(Phase.AUTO_RESTART);
            draft.deadline = Optional.of(draft.now.plus(settings.restart().delay()));
        } else {
            draft.enter(draft.result.isFailure() ? Phase.FAILED : Phase.DEAD);
        }
    }

    void sigtermDidNotHelp() {
        timedOut("stop", settings.timeouts().stop());
        boolean first = draft.phase == Phase.STOP_SIGTERM;
        if (settings.killing().sigkill()) {
            draft.log("Killing the processes that are left.");
            signal(first ? Phase.STOP_SIGKILL : Phase.FINAL_SIGKILL);
        } else if (first) {
            runHook(Phase.STOP_POST);
        } else {
            down();
        }
    }
}
