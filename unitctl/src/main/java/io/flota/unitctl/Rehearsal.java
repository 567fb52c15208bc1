package io.flota.unitctl;

import io.flota.unitctl.command.Surroundings;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.List;

/// A dress rehearsal: runs each command that is felt, against canned answers. A JVM that records what it loads
/// meanwhile can start the real ones at once later.
final class Rehearsal {
    private static final List<String> LINES = List.of(
            "list-units",
            "list-units --full --fields unit,machine,hash apache@1",
            "list-units -o json",
            "list-units -o yaml",
            "list-units -o wide",
            "list-unit-files",
            "list-machines",
            "list-endpoints",
            "status apache@1",
            "status -o json apache@1",
            "cat apache@1",
            "journal -n 5 apache@1",
            "journal -n 5 apache@1 apache@2",
            "top apache@1",
            "events apache@1",
            "exec apache@1 -- true",
            "start apache@1 apache@2",
            "start --no-block apache@1",
            "stop loaded@1",
            "version",
            "help",
            "help start");

    private Rehearsal() {}

    /// @return the exit status: 0 if each of the commands went as it should
    static int run(Surroundings surroundings) throws IOException {
        var said = new ByteArrayOutputStream();
        var silent = new PrintStream(said, false, StandardCharsets.UTF_8);
        var settings = Files.createTempFile("unitctl", ".toml");
        try (var scheduler = new CannedScheduler()) {
            Files.writeString(settings, "endpoint = \"" + scheduler.endpoint() + "\"\n");
            var stage = new Surroundings(
                    silent,
                    silent,
                    surroundings.environment(),
                    surroundings.directory(),
                    surroundings.clock(),
                    surroundings.zone(),
                    false,
                    false);
            for (String line : LINES) {
                String[] words = ("--config " + settings + " " + line).split(" ");
                int status = Unitctl.run(stage, words);
                if (status != 0) {
                    silent.flush();
                    surroundings.err().print(said.toString(StandardCharsets.UTF_8));
                    surroundings.err().println("unitctl " + line + " ended with " + status);
                    return status;
                }
            }
        } finally {
            Files.delete(settings);
        }
        return 0;
    }
}
