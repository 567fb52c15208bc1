package io.flota.examples.faults;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/// Short commands of `sh`.
final class Shell {
    private Shell() {}

    /// Runs a line and waits for it.
    ///
    /// @param arguments `$0`, `$1` …
    /// @throws AssertionError if it fails, with what it printed
    static void run(String line, String... arguments) {
        var command = new ArrayList<>(List.of("/bin/sh", "-c", line));
        command.addAll(List.of(arguments));
        try {
            var process = new ProcessBuilder(command).redirectErrorStream(true).start();
            var said = new String(process.getInputStream().readAllBytes());
            int status = process.waitFor();
            if (status != 0) {
                throw new AssertionError(command + " ended with " + status + ": " + said);
            }
        } catch (IOException failure) {
            throw new AssertionError("cannot run " + command, failure);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted in " + command, interrupted);
        }
    }
}
