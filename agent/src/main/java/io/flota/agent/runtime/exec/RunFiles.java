package io.flota.agent.runtime.exec;

import com.google.protobuf.ByteString;
import io.flota.agent.runtime.exec.RunFile.Kind;
import io.flota.agent.runtime.process.ProcFs;
import io.flota.agent.runtime.process.Signal;
import io.flota.agent.runtime.process.WholeFile;
import io.flota.unit.UnitName;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Reads what processes and their shims write about themselves.
final class RunFiles {
    private static final Pattern EXIT = Pattern.compile("(?s)(.*?)exit (\\d{1,3})\n");
    /// What a shell adds to the number of the signal that ended its child.
    private static final int SIGNALLED = 128;

    private final Path runs;

    RunFiles(Path runs) {
        this.runs = runs;
    }

    /// Empty if the process has not begun yet, or never will.
    Optional<Event.Began> began(UnitName unit, long run) throws IOException {
        return WholeFile.read(file(unit, run, Kind.PID))
                .map(ByteString::toStringUtf8)
                .flatMap(ProcFs::parse)
                .map(stat -> new Event.Began(run, stat.pid(), stat.ticks()));
    }

    /// Empty if the process has not ended, or its shim has not seen it.
    Optional<Event.Ended> ended(UnitName unit, long run) throws IOException {
        return WholeFile.read(file(unit, run, Kind.EXIT))
                .map(ByteString::toStringUtf8)
                .map(EXIT::matcher)
                .filter(Matcher::matches)
                .map(exit -> new Event.Ended(run, exit(exit.group(1), Integer.parseInt(exit.group(2)))));
    }

    /// Whether its shim was given a file to write to, which is so until the run is cleaned up.
    boolean isOpen(UnitName unit, long run) {
        return Files.exists(file(unit, run, Kind.EXIT));
    }

    /// Keeps a process from ever beginning.
    ///
    /// @return false if it has begun already
    boolean revoke(UnitName unit, long run) throws IOException {
        try {
            Files.write(file(unit, run, Kind.PID), new byte[0], StandardOpenOption.CREATE_NEW);
            return true;
        } catch (FileAlreadyExistsException _) {
            return false;
        }
    }

    /// A shell names the signal that ended its child on its standard error, but for these two, of which it says
    /// nothing.
    static Exit exit(String note, int status) {
        int signal = status - SIGNALLED;
        boolean silent = signal == Signal.INT.number() || signal == Signal.PIPE.number();
        boolean signalled = signal >= 1 && signal <= 64 && (silent || !note.isBlank());
        return signalled ? new Exit.Killed(new Signal(signal)) : new Exit.Code(status);
    }

    private Path file(UnitName unit, long run, Kind kind) {
        return new RunFile(StateFolder.folderName(unit), run, kind).in(runs);
    }
}
