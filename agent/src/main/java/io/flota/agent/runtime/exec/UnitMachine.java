package io.flota.agent.runtime.exec;

import com.google.common.collect.ImmutableList;
import io.flota.agent.runtime.exec.Act.AwaitEmpty;
import io.flota.agent.runtime.exec.Act.FindMain;
import io.flota.agent.runtime.exec.Act.Kill;
import io.flota.agent.runtime.exec.Act.Scope;
import io.flota.agent.runtime.exec.ServiceSettings.KillMode;
import io.flota.agent.runtime.exec.ServiceSettings.Type;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/// Decides what becomes of one unit: from its settings, its life so far and what has happened, its life from now on
/// and what is to be done. Pure. The states and their order are [Phase]'s; their meaning is systemd's.
final class UnitMachine {
    record Step(Life life, ImmutableList<Act> acts) {}

    private final String name;
    private final ServiceSettings settings;
    private final Draft draft;

    private UnitMachine(String name, ServiceSettings settings, Draft draft) {
        this.name = name;
        this.settings = settings;
        this.draft = draft;
    }

    static Step next(String name, ServiceSettings settings, Life life, Event event, Instant now) {
        var draft = new Draft(life, now);
        new UnitMachine(name, settings, draft).on(event);
        return new Step(draft.life(), ImmutableList.copyOf(draft.acts));
    }

    private void on(Event event) {
        switch (event) {
            case Event.Start _ -> startByRequest();
            case Event.Stop(String because) -> stopByRequest(because);
            case Event.Adopt _ -> adopt();
            case Event.Began(long run, long pid, long ticks) -> began(new Proc(run, pid, ticks));
            case Event.NeverBegan(long run) -> neverBegan(run);
            case Event.NotSpawned(long run, int status, String reason) -> notSpawned(run, status, reason);
            case Event.Ended(long run, Exit exit) -> ended(run, exit, "");
            case Event.TreeEmptied _ -> treeEmptied();
            case Event.TimeUp _ -> timeUp();
            case Event.MainFound(long pid, long ticks) -> mainFound(pid, ticks);
            case Event.MainUnclear _ -> mainUnclear();
            case Event.Ready _ -> ready();
            case Event.Stopping _ -> stopping();
            case Event.Status(String text) -> draft.status = text;
            case Event.DependencyFailed(String reason) -> dependencyFailed(reason);
        }
    }

    // Starting

    private void startByRequest() {
        if (draft.phase.isDown() || draft.phase == Phase.AUTO_RESTART) {
            draft.starts = ImmutableList.of();
            draft.restarts = 0;
            start();
        }
    }

    private void start() {
        draft.stopRequested = false;
        draft.mainExit = Optional.empty();
        draft.result = Result.SUCCESS;
        draft.reason = "";
        draft.status = "";
        if (!underStartLimit()) {
            return;
        }
        draft.activated = draft.now;
        draft.log("Starting " + name);
        runHook(Phase.CONDITION);
    }

    private boolean underStartLimit() {
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

    private void dependencyFailed(String reason) {
        if (draft.phase.isDown()) {
            draft.result = Result.SUCCESS;
            draft.fail(Result.DEPENDENCY, reason);
            draft.enter(Phase.FAILED);
            draft.log("Dependency failed for " + name + ": " + reason);
        }
    }

    /// Enters a phase and runs its first command, if it has one.
    private void runHook(Phase phase) {
        draft.enter(phase);
        runCommand();
    }

    private void runCommand() {
        var hook = draft.phase.hook().orElseThrow();
        var commands = settings.commands().get(hook);
        if (draft.command >= commands.size()) {
            afterHook();
            return;
        }
        long run = ++draft.runs;
        var proc = Optional.of(Proc.planned(run));
        if (hook == Hook.START && settings.type() != Type.FORKING) {
            draft.main = proc;
        } else {
            draft.control = proc;
        }
        var limit = draft.phase == Phase.STOP || draft.phase == Phase.STOP_POST
                ? settings.timeouts().stop()
                : settings.timeouts().start();
        draft.deadline = limit.map(draft.now::plus);
        draft.act(new Act.Spawn(run, hook, commands.get(draft.command)));
    }

    private void nextCommand() {
        draft.command++;
        runCommand();
    }

    private void afterHook() {
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
    private void up() {
        if (draft.result.isFailure()) {
            signal(Phase.STOP_SIGTERM);
        } else if (draft.main.isPresent() || settings.type() == Type.FORKING && draft.mainExit.isEmpty()) {
            draft.enter(Phase.RUNNING);
            draft.deadline = settings.timeouts().run().map(draft.now::plus);
            draft.log("Started " + name);
            if (draft.main.isEmpty()) {
                draft.emptied = false;
                draft.act(new AwaitEmpty());
            }
        } else if (settings.remain()) {
            draft.enter(Phase.EXITED);
            draft.log("Started " + name);
        } else {
            draft.log("Finished " + name);
            stop();
        }
    }

    private void began(Proc proc) {
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

    private void ready() {
        if (draft.phase == Phase.START && settings.type() == Type.NOTIFY) {
            afterHook();
        }
    }

    private void mainFound(long pid, long ticks) {
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

    private void mainUnclear() {
        if (draft.phase == Phase.START && draft.control.isEmpty() && settings.type() == Type.FORKING) {
            draft.log("Which of its processes is the main one is not clear; it is up as long as one of them runs.");
            afterHook();
        }
    }

    // Ends of processes

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

    private boolean mayFail(Hook hook) {
        var commands = settings.commands().get(hook);
        int at = draft.phase.hook().filter(hook::equals).isPresent() ? draft.command : 0;
        return at < commands.size() && commands.get(at).ignoreFailure();
    }

    private void treeEmptied() {
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

    // Stopping

    private void stopByRequest(String because) {
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

    private void stop() {
        runHook(Phase.STOP);
    }

    /// The unit said that it is about to end: it is given its time, and not killed before.
    private void stopping() {
        if (draft.phase == Phase.RUNNING) {
            draft.enter(Phase.STOP_SIGTERM);
            draft.emptied = false;
            draft.deadline = settings.timeouts().stop().map(draft.now::plus);
            awaitEmptyIfItCounts();
        }
    }

    private void signal(Phase phase) {
        draft.enter(phase);
        draft.emptied = false;
        draft.deadline = settings.timeouts().stop().map(draft.now::plus);
        kill();
        awaitEmptyIfItCounts();
        settle();
    }

    private void kill() {
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

    private void kill(Scope scope, Signal signal) {
        draft.act(new Kill(scope, signal));
        if (settings.killing().sighup() && !draft.phase.isSigkill()) {
            draft.act(new Kill(scope, Signal.HUP));
        }
    }

    private void awaitEmptyIfItCounts() {
        if (wholeTreeCounts()) {
            draft.act(new AwaitEmpty());
        }
    }

    /// Whether this phase is over only once the unit's tree is empty.
    private boolean wholeTreeCounts() {
        return switch (settings.killing().mode()) {
            case CONTROL_GROUP -> true;
            case MIXED -> draft.phase.isSigkill();
            case PROCESS, NONE -> false;
        };
    }

    /// Goes on once nothing is left of what was to be killed.
    private void settle() {
        if (!draft.phase.isSignalling()) {
            return;
        }
        boolean known = draft.main.isPresent() || draft.control.isPresent();
        boolean left = settings.killing().mode() != KillMode.NONE && known;
        if (!left && (draft.emptied || !wholeTreeCounts())) {
            afterSignal();
        }
    }

    private void afterSignal() {
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
    private void down() {
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

    // Time

    private void timeUp() {
        if (draft.deadline.filter(at -> !at.isAfter(draft.now)).isEmpty()) {
            return;
        }
        draft.deadline = Optional.empty();
        switch (draft.phase) {
            case CONDITION, START_PRE, START, START_POST -> {
                timedOut("start", settings.timeouts().start());
                signal(Phase.STOP_SIGTERM);
            }
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
                start();
            }
            case DEAD, FAILED, EXITED -> {}
        }
    }

    private void sigtermDidNotHelp() {
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

    private void timedOut(String what, Optional<Duration> limit) {
        var text = what + " timed out" + limit.map(span -> " after " + words(span)).orElse("");
        draft.fail(Result.TIMEOUT, text);
        draft.log(text);
    }

    // Going on after an agent went away

    private void adopt() {
        if (draft.phase.isSignalling()) {
            kill();
            awaitEmptyIfItCounts();
        }
        draft.main.ifPresent(proc -> draft.act(new Act.Recover(proc.run())));
        draft.control.ifPresent(proc -> draft.act(new Act.Recover(proc.run())));
        if (draft.phase == Phase.START && settings.type() == Type.FORKING && draft.control.isEmpty()) {
            draft.act(new FindMain());
        } else if (draft.phase == Phase.RUNNING && draft.main.isEmpty()) {
            draft.act(new AwaitEmpty());
        }
    }

    private boolean isMain(long run) {
        return draft.main.filter(proc -> proc.run() == run).isPresent();
    }

    private boolean isControl(long run) {
        return draft.control.filter(proc -> proc.run() == run).isPresent();
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

    private static String words(Duration span) {
        return span.toMillis() % 1000 == 0 ? span.toSeconds() + " s" : span.toMillis() + " ms";
    }
}
