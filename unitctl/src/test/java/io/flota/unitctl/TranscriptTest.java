package io.flota.unitctl;

import static org.assertj.core.api.Assertions.assertThat;

import io.flota.unitctl.command.Surroundings;
import io.flota.unitctl.model.ModelScheduler;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneId;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Runs the dialogues in `src/test/transcripts`, each against a cluster of its own, and compares what is said.
/// `-Dtranscripts.rewrite=true` writes down what unitctl says now; the difference is then read in review.
///
/// A line that begins with `$ ` is a command, what follows is its output, `2> ` before what it says on standard error,
/// and `-> N` for an exit status other than 0. `% file NAME TEXT` makes a file (`\n` for line ends), `% env NAME=TEXT`
/// sets a variable, any other line with `% ` is for the model, and `## ` begins a comment.
class TranscriptTest {
    private static final Path FOLDER = Path.of("src/test/transcripts");
    private static final Instant NOW = Instant.parse("2026-11-21T10:00:00Z");

    @TempDir
    private Path directory;

    static Stream<String> transcripts() throws IOException {
        try (var files = Files.list(FOLDER)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList().stream();
        }
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("transcripts")
    void whatIsSaidIsAsWritten(String transcript) throws IOException {
        String written = Files.readString(FOLDER.resolve(transcript));

        String said = perform(written.lines().toList());

        if (Boolean.getBoolean("transcripts.rewrite")) {
            Files.writeString(FOLDER.resolve(transcript), said);
        } else {
            assertThat(said).isEqualTo(written);
        }
    }

    private String perform(List<String> lines) throws IOException {
        var said = new StringBuilder();
        var environment = new TreeMap<>(Map.of("UNITCTL_CONFIG", "/dev/null"));
        try (var scheduler = new ModelScheduler()) {
            boolean outputs = false;
            environment.put("UNITCTL_ENDPOINT", scheduler.endpoint());
            for (String line : lines) {
                if (line.startsWith("$ unitctl")) {
                    said.append(line).append('\n').append(run(environment, line.substring("$ unitctl".length())));
                    outputs = true;
                } else if (line.startsWith("% file ")) {
                    String[] words = line.split(" ", 4);
                    Path file = directory.resolve(words[2]);
                    Files.createDirectories(file.getParent());
                    Files.writeString(file, words[3].replace("\\n", "\n"));
                    outputs = false;
                } else if (line.startsWith("% env ")) {
                    String[] words = line.substring("% env ".length()).split("=", 2);
                    environment.put(words[0], words[1]);
                    outputs = false;
                } else if (line.startsWith("% ")) {
                    scheduler.tell(line.substring(2));
                    outputs = false;
                } else if (line.startsWith("## ")) {
                    outputs = false;
                }
                if (!outputs) {
                    said.append(line).append('\n');
                }
            }
            assertThat(scheduler.failure()).isNull();
        }
        return said.toString();
    }

    private String run(Map<String, String> environment, String arguments) {
        var out = new ByteArrayOutputStream();
        var err = new ByteArrayOutputStream();
        var surroundings = new Surroundings(
                new PrintStream(out, true, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8),
                environment,
                directory,
                InstantSource.fixed(NOW),
                () -> ZoneId.of("UTC"),
                false,
                false);
        String[] words = arguments.isBlank() ? new String[0] : arguments.trim().replace("'", "").split(" +");
        int status = Unitctl.run(surroundings, words);
        String text = out.toString(StandardCharsets.UTF_8).replace(directory.toString(), "DIR");
        return (text.isEmpty() || text.endsWith("\n") ? text : text + "\n")
                + err.toString(StandardCharsets.UTF_8)
                        .replace(directory.toString(), "DIR")
                        .lines()
                        .map(line -> "2> " + line + "\n")
                        .reduce("", String::concat)
                + (status == 0 ? "" : "-> " + status + "\n") + "\n";
    }
}
