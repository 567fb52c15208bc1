package io.flota.agent.runtime.process;

import io.flota.unit.UnitState;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/// Sends signals.
public final class Signals {
    private Signals() {}

    /// SIGKILL.
    public static void kill(Collection<Long> pids) {
        pids.forEach(pid -> ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly));
    }

    /// Processes that are stopped are told to go on, since they would not see the signal otherwise.
    public static void send(Signal signal, Collection<Long> pids) throws IOException {
        if (signal.equals(Signal.KILL)) {
            kill(pids);
        } else if (signal.equals(Signal.TERM)) {
            pids.forEach(pid -> ProcessHandle.of(pid).ifPresent(ProcessHandle::destroy));
        } else {
            command(signal, pids);
        }
        var stopped = pids.stream()
                .filter(pid -> ProcFs.stat(pid).filter(stat -> stat.state() == 'T').isPresent())
                .toList();
        command(Signal.CONT, stopped);
    }

    /// To a unit's main process.
    ///
    /// @return why it was not sent; empty if it was
    public static Optional<String> sendToMain(Signal signal, Optional<UnitState> unit) {
        var main = unit.map(UnitState::mainPid).filter(pid -> pid > 0);
        try {
            if (main.isPresent()) {
                send(signal, List.of(main.get()));
            }
            return main.isPresent() ? Optional.empty() : Optional.of("it has no main process");
        } catch (IOException e) {
            return Optional.of("cannot send " + signal + ": " + e.getMessage());
        }
    }

    private static void command(Signal signal, Collection<Long> pids) throws IOException {
        if (pids.isEmpty()) {
            return;
        }
        var command = new ArrayList<>(List.of("/bin/sh", "-c", "kill -" + signal.number() + " \"$@\"", "kill"));
        pids.forEach(pid -> command.add(pid.toString()));
        // That one of them is gone already makes kill fail, which is no failure here.
        var _ = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
    }
}
