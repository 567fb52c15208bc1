package io.flota.agent.render;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSortedMap;
import io.flota.unit.CommandLine;
import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;

/// Runs the command of `RenderCheck=`, as the agent's user.
///
/// @param environment all of it: the agent's own may have secrets
record Check(CommandLine command, ImmutableSortedMap<String, String> environment) {
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final Pattern TELLING = Pattern.compile("(?i)emerg|alert|error|fatal|invalid|unknown");
    private static final int LONGEST = 300;
    /// Bytes of the output that are looked at, from its end.
    private static final int MOST_READ = 64 << 10;

    /// @param next the new version of each file, or the old one where it has not changed, in their order
    /// @param places where they are to be, which is how an operator knows them
    /// @return why they are refused; empty if they are not
    Optional<String> refuses(List<Path> next, List<String> places) throws IOException, InterruptedException {
        var output = Files.createTempFile("flota-check", ".log");
        try {
            var process = started(next, output);
            try {
                if (!process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
                    return Optional.of("it did not end within " + PATIENCE.toSeconds() + " s");
                }
            } finally {
                process.descendants().forEach(ProcessHandle::destroyForcibly);
                process.destroyForcibly();
            }
            boolean fine = process.exitValue() == 0 || command.ignoreFailure();
            return fine
                    ? Optional.empty()
                    : Optional.of(telling(text(output), next, places)
                            .orElse("it ended with status " + process.exitValue()));
        } finally {
            Files.deleteIfExists(output);
        }
    }

    private Process started(List<Path> next, Path output) throws IOException {
        var builder = new ProcessBuilder(words(next))
                .directory(Path.of("/").toFile())
                .redirectInput(Path.of("/dev/null").toFile())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile());
        builder.environment().clear();
        builder.environment().putAll(environment);
        return builder.start();
    }

    private ImmutableList<String> words(List<Path> next) {
        var arguments = command.expandedArguments(word -> with(next, word), Map.of());
        var words = ImmutableList.<String>builder().add(command.executable());
        return words.addAll(command.named() ? arguments.subList(1, arguments.size()) : arguments).build();
    }

    private static String with(List<Path> next, String word) {
        var text = word.replace("{file}", next.getFirst().toString());
        for (int i = 0; i < next.size(); i++) {
            text = text.replace("{file" + (i + 1) + "}", next.get(i).toString());
        }
        return text;
    }

    private static String text(Path output) throws IOException {
        try (var end = Files.newByteChannel(output)) {
            end.position(Math.max(0, end.size() - MOST_READ));
            return new String(Channels.newInputStream(end).readNBytes(MOST_READ), StandardCharsets.UTF_8);
        }
    }

    /// The last line often says no more than that there was something: of those that name a file, the first; else the
    /// first that sounds like an error; else the last.
    static Optional<String> telling(String output, List<Path> next, List<String> places) {
        var lines = output.lines().map(String::strip).filter(line -> !line.isEmpty()).toList();
        var sounding = lines.stream().filter(line -> TELLING.matcher(line).find()).toList();
        var chosen = sounding.stream()
                .filter(line -> next.stream().anyMatch(file -> line.contains(file + ":")))
                .findFirst()
                .or(() -> sounding.stream().findFirst())
                .or(() -> lines.isEmpty() ? Optional.empty() : Optional.of(lines.getLast()));
        return chosen.map(line -> {
            var known = line;
            for (int i = 0; i < next.size(); i++) {
                known = known.replace(next.get(i).toString(), places.get(i));
            }
            var shown = known.replaceAll("\\p{Cntrl}", " ");
            return shown.length() > LONGEST ? shown.substring(0, LONGEST) + "…" : shown;
        });
    }
}
