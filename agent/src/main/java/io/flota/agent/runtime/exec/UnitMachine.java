package io.flota.agent.runtime.exec;

import com.google.common.collect.ImmutableList;
import io.flota.agent.runtime.exec.Act.AwaitEmpty;
import io.flota.agent.runtime.exec.Act.FindMain;
import io.flota.agent.runtime.exec.ServiceSettings.Type;
import io.flota.agent.runtime.process.Signal;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/// Decides what becomes of one unit: from its settings, its life so far and what has happened, its life from now on
/// and what is to be done. Pure. The states and their order are [Phase]'s; their meaning is systemd's.
final class UnitMachine extends StartSteps {
    /// How long one that has no time limit is waited for after an agent was away.
    private static final Duration UNHEARD = Duration.ofSeconds(90);

    record Step(Life life, ImmutableList<Act> acts) {}

    private UnitMachine(String name, ServiceSettings settings, Draft draft) {
        super(name, settings, draft);
    }

    static Step next(String name, ServiceSettings settings, Life life, Event event, Instant now) {
        var draft = new Draft(life, now);
        new UnitMachine(name, settings, draft).on(event);
        return new Step(draft.life(), ImmutableList.copyOf(draft.acts));
    }

    private void on(Event event) {
        switch (event) {
            case Event.Start(long epochBase) -> startByRequest(epochBase);
            case Event.Struck(String because) -> struck(because);
            case Event.Pardoned _ -> draft.starts = ImmutableList.of();
            case Event.Stop(String because) -> stopByRequest(because);
            case Event.Adopt _ -> adopt();
            case Event.Began(long run, long pid, long ticks) -> began(new Proc(run, pid, ticks));
            case Event.NeverBegan(long run) -> neverBegan(run);
            case Event.NotSpawned(long run, int status, String reason) -> notSpawned(run, status, reason);
            case Event.Ended(long run, Exit exit) -> ended(run, exit, "");
            case Event.OutOfMemory _ -> draft.fail(
                    Result.OOM_KILL, "killed by the kernel: out of memory (MemoryMax=)");
            case Event.TreeEmptied(long run) -> treeEmptied(run);
            case Event.TimeUp _ -> timeUp();
            case Event.MainFound(long pid, long ticks) -> mainFound(pid, ticks);
            case Event.MainUnclear _ -> mainUnclear();
            case Event.Ready _ -> ready();
            case Event.Stopping _ -> stopping();
            case Event.Status(String text) -> draft.status = text;
            case Event.DependencyFailed(String reason) -> dependencyFailed(reason);
        }
    }

    private void began(Proc proc) {
        if (draft.main.filter(proc::equals).isPresent() || draft.control.filter(proc::equals).isPresent()) {
            return; // told again, as every look at a process does; it must not be signalled again for that
        }
        if (isMain(proc.run())) {
            draft.main = Optional.of(proc);
            if (draft.phase == Phase.START && settings.type() == Type.SIMPLE) {
                afterHook();
            }
        } else if (isControl(proc.run())) {
            draft.control = Optional.of(proc);
        } else {
            return;
        }
        if (draft.phase.isSignalling()) {
            // It began after the signal had been sent.
            draft.emptied = false;
            kill();
            awaitEmptyIfItCounts();
        }
    }

    private void neverBegan(long run) {
        if (isMain(run)) {
            draft.main = Optional.empty();
        } else if (isControl(run)) {
            draft.control = Optional.empty();
        } else {
            return;
        }
        if (draft.phase.hook().isPresent()) {
            runCommand();
        } else {
            settle();
        }
    }

    private void notSpawned(long run, int status, String reason) {
        if (isMain(run) || isControl(run)) {
            draft.log(reason);
            ended(run, new Exit.Code(status), reason);
        }
    }

    private void ended(long run, Exit exit, String reason) {
        if (isMain(run)) {
            mainEnded(exit, reason);
        } else if (isControl(run)) {
            controlEnded(exit, reason);
        }
    }

    private void mainEnded(Exit exit, String reason) {
        draft.main = Optional.empty();
        draft.mainExit = Optional.of(exit);
        boolean mayFail = settings.type() != Type.FORKING && mayFail(Hook.START);
        // A daemon that is no child of ours ends unseen; while it is being stopped that is what was asked for.
        boolean clean = settings.isClean(exit) || exit instanceof Exit.Unseen && draft.phase.isStopping();
        var outcome = mayFail || clean ? Result.SUCCESS : failure(exit);
        if (!clean) {
            draft.log("Main process exited, " + exit);
        }
        draft.fail(outcome, reason.isEmpty() ? words(exit) : reason);
        switch (draft.phase) {
            case START -> mainEndedEarly(outcome);
            case RUNNING -> {
                if (draft.result.isFailure()) {
                    signal(Phase.STOP_SIGTERM);
                } else if (settings.remain()) {
                    draft.enter(Phase.EXITED);
                } else {
                    stop();
                }
            }
            case STOP_SIGTERM, STOP_SIGKILL, FINAL_SIGTERM, FINAL_SIGKILL -> settle();
            case CONDITION, START_PRE, START_POST, EXITED, STOP, STOP_POST, DEAD, FAILED, AUTO_RESTART -> {}
        }
    }

    /// Before the unit was up.
    private void mainEndedEarly(Result outcome) {
        if (outcome.isFailure()) {
            signal(Phase.STOP_SIGTERM);
            return;
        }
        switch (settings.type()) {
            case ONESHOT -> nextCommand();
            case SIMPLE -> afterHook();
            case NOTIFY, FORKING -> {
                draft.fail(Result.PROTOCOL, "the main process ended before it said READY=1");
                signal(Phase.STOP_SIGTERM);
            }
        }
    }

    private void controlEnded(Exit exit, String reason) {
        var hook = draft.phase.hook();
        draft.control = Optional.empty();
        if (hook.isEmpty()) {
            settle();
            return;
        }
        boolean skips = hook.get() == Hook.CONDITION && exit instanceof Exit.Code(int status)
                && status != 0 && status != 255;
        boolean clean = exit.equals(new Exit.Code(0)) || mayFail(hook.get());
        var outcome = clean ? Result.SUCCESS : skips ? Result.EXEC_CONDITION : failure(exit);
        if (!clean) {
            draft.log((skips ? "Skipped, the condition does not hold: " : "Control process exited: ")
                    + hook.get().key() + "=, " + exit);
        }
        draft.fail(outcome, hook.get().key() + "=: " + (reason.isEmpty() ? words(exit) : reason));
        switch (hook.get()) {
            case CONDITION, START_PRE, START_POST -> {
                if (clean) {
                    nextCommand();
                } else {
                    signal(Phase.STOP_SIGTERM);
                }
            }
            case START -> {
                if (clean) {
                    draft.act(new FindMain());
                } else {
                    signal(Phase.STOP_SIGTERM);
                }
            }
            case STOP, STOP_POST -> {
                if (clean) {
                    nextCommand();
                } else {
                    signal(hook.get() == Hook.STOP ? Phase.STOP_SIGTERM : Phase.FINAL_SIGTERM);
                }
            }
            case RELOAD -> throw new IllegalStateException("no phase runs " + hook.get());
        }
    }

    private void treeEmptied(long run) {
        if (run != draft.runs) {
            return;
        }
        draft.emptied = true;
        if (draft.phase == Phase.RUNNING && draft.main.isEmpty()) {
            if (settings.remain()) {
                draft.enter(Phase.EXITED);
            } else {
                stop();
            }
        } else {
            settle();
        }
    }

    private void timeUp() {
        if (draft.deadline.filter(at -> !at.isAfter(draft.now)).isEmpty()) {
            return;
        }
        draft.deadline = Optional.empty();
        switch (draft.phase) {
            case CONDITION, START_PRE, START, START_POST -> startTimeUp();
            case RUNNING -> {
                timedOut("running", settings.timeouts().run());
                stop();
            }
            case STOP -> {
                timedOut("ExecStop=", settings.timeouts().stop());
                signal(Phase.STOP_SIGTERM);
            }
            case STOP_SIGTERM, FINAL_SIGTERM -> sigtermDidNotHelp();
            case STOP_SIGKILL -> {
                draft.log("Processes still around after SIGKILL. Ignoring.");
                runHook(Phase.STOP_POST);
            }
            case STOP_POST -> {
                timedOut("ExecStopPost=", settings.timeouts().stop());
                signal(Phase.FINAL_SIGTERM);
            }
            case FINAL_SIGKILL -> {
                draft.log("Processes still around after final SIGKILL. Ignoring.");
                down();
            }
            case AUTO_RESTART -> {
                draft.restarts++;
                draft.log("Scheduled restart job, restart counter is at " + draft.restarts + ".");
                start(draft.epoch.base());
            }
            case DEAD, FAILED, EXITED -> {}
        }
    }

    private void startTimeUp() {
        if (draft.unheard && draft.main.filter(Proc::isClaimed).isPresent()) {
            draft.log("It may have said READY=1 while no agent was there, and runs: taken for ready.");
            afterHook();
        } else {
            timedOut("start", settings.timeouts().start());
            signal(Phase.STOP_SIGTERM);
        }
    }

    private void adopt() {
        if (draft.phase == Phase.START && settings.type() == Type.NOTIFY) {
            draft.unheard = true;
            draft.deadline = Optional.of(draft.now.plus(settings.timeouts().start().orElse(UNHEARD)));
        }
        if (draft.phase.isSignalling()) {
            kill();
            awaitEmptyIfItCounts();
        }
        draft.main.ifPresent(proc -> draft.act(new Act.Recover(proc.run())));
        draft.control.ifPresent(proc -> draft.act(new Act.Recover(proc.run())));
        if (draft.phase == Phase.START && settings.type() == Type.FORKING && draft.control.isEmpty()) {
            draft.act(new FindMain());
        } else if (draft.phase == Phase.RUNNING && draft.main.isEmpty()) {
            draft.act(new AwaitEmpty(draft.runs));
        }
    }

    private static Result failure(Exit exit) {
        return switch (exit) {
            case Exit.Code _, Exit.Unseen _ -> Result.EXIT_CODE;
            case Exit.Killed _ -> Result.SIGNAL;
        };
    }

    private static String words(Exit exit) {
        return switch (exit) {
            case Exit.Code(int status) -> "exit-code " + status;
            case Exit.Killed(Signal signal) -> "killed by " + signal;
            case Exit.Unseen _ -> "it is gone, and how it ended is not known";
        };
    }
}
