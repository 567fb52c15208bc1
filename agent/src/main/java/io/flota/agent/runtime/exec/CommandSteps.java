package io.flota.agent.runtime.exec;

import java.time.Duration;
import java.util.Optional;

/// What all parts of [UnitMachine] share: the unit as it changes, and the running of its commands.
abstract class CommandSteps {
    final String name;
    final ServiceSettings settings;
    final Draft draft;

    CommandSteps(String name, ServiceSettings settings, Draft draft) {
        this.name = name;
        this.settings = settings;
        this.draft = draft;
    }

    /// Goes on when the phase's last command has ended.
    abstract void afterHook();

    /// Enters a phase and runs its first command, if it has one.
    void runHook(Phase phase) {
        draft.enter(phase);
        runCommand();
    }

    void runCommand() {
        var hook = draft.phase.hook().orElseThrow();
        var commands = settings.commands().get(hook);
        if (draft.command >= commands.size()) {
            afterHook();
            return;
        }
        long run = ++draft.runs;
        var proc = Optional.of(Proc.planned(run));
        if (hook == Hook.START && settings.type() != ServiceSettings.Type.FORKING) {
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

    void nextCommand() {
        draft.command++;
        runCommand();
    }

    boolean mayFail(Hook hook) {
        var commands = settings.commands().get(hook);
        int at = draft.phase.hook().filter(hook::equals).isPresent() ? draft.command : 0;
        return at < commands.size() && commands.get(at).ignoreFailure();
    }

    boolean isMain(long run) {
        return draft.main.filter(proc -> proc.run() == run).isPresent();
    }

    boolean isControl(long run) {
        return draft.control.filter(proc -> proc.run() == run).isPresent();
    }

    void timedOut(String what, Optional<Duration> limit) {
        var text = what + " timed out" + limit.map(span -> " after " + words(span)).orElse("");
        draft.fail(Result.TIMEOUT, text);
        draft.log(text);
    }

    static String words(Duration span) {
        return span.toMillis() % 1000 == 0 ? span.toSeconds() + " s" : span.toMillis() + " ms";
    }
}
