package io.flota.agent.runtime.exec;

import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Pattern;

/// The name of a file that a run leaves: `UNIT.RUN.pid` or `UNIT.RUN.exit`.
///
/// @param folder the unit's name as a file name
record RunFile(String folder, long run, Kind kind) {
    enum Kind {
        PID,
        EXIT
    }

    private static final Pattern FORM = Pattern.compile("(.+)\\.(\\d{1,18})\\.(pid|exit)");

    static Optional<RunFile> of(Path path) {
        var form = FORM.matcher(path.getFileName().toString());
        return form.matches()
                ? Optional.of(new RunFile(
                        form.group(1), Long.parseLong(form.group(2)),
                        form.group(3).equals("pid") ? Kind.PID : Kind.EXIT))
                : Optional.empty();
    }

    Path in(Path runs) {
        return runs.resolve(folder + "." + run + (kind == Kind.PID ? ".pid" : ".exit"));
    }
}
