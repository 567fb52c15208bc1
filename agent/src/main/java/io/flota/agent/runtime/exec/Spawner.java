package io.flota.agent.runtime.exec;

import com.google.common.base.Joiner;
import io.flota.agent.runtime.exec.Launch.ImpossibleException;
import io.flota.agent.runtime.exec.RunFile.Kind;
import io.flota.agent.runtime.exec.ServiceSettings.Sink;
import io.flota.unit.UnitName;
import java.io.File;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// Makes a process with its shim, in one step. Each has a session of its own: what a terminal or the unit sends to its
/// group of processes does not reach the shim.
final class Spawner {
    private final StateFolder state;

    Spawner(StateFolder state) {
        this.state = state;
    }

    /// @param groups the control groups to enter
    /// @param deadline when it is too late to begin, in hundredths of a second since boot; empty: never
    /// @return the shim
    Process spawn(UnitName unit, long run, Launch launch, List<Path> groups, String deadline)
            throws IOException, ImpossibleException {
        var folder = StateFolder.folderName(unit);
        var pidFile = new RunFile(folder, run, Kind.PID).in(state.runs());
        var exitFile = new RunFile(folder, run, Kind.EXIT).in(state.runs());
        var output = file(launch.streams().output(), unit);
        var error = launch.streams().error() instanceof Sink.Inherit ? "" : file(launch.streams().error(), unit);
        var command = new ArrayList<>(List.of(
                Launches.lookUp("setsid"), "--", "/bin/sh", state.shim().toString(), pidFile.toString(),
                Joiner.on(' ').join(groups), deadline, launch.umask(), launch.folder(), error));
        command.addAll(launch.command());
        var builder = new ProcessBuilder(command)
                .redirectInput(new File("/dev/null"))
                .redirectOutput(appends(launch) ? Redirect.appendTo(new File(output)) : Redirect.to(new File(output)))
                .redirectError(exitFile.toFile());
        builder.environment().clear();
        builder.environment().putAll(launch.environment());
        return builder.start();
    }

    private static boolean appends(Launch launch) {
        return !(launch.streams().output() instanceof Sink.File(_, boolean append)) || append;
    }

    private String file(Sink sink, UnitName unit) {
        return switch (sink) {
            case Sink.Journal _, Sink.Inherit _ -> state.output(unit).toString();
            case Sink.Null _ -> "/dev/null";
            case Sink.File(String path, _) -> path;
        };
    }
}
