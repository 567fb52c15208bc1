package io.flota.scheduler.exclusive;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// The model checker Spin: turns a model into a C program that looks at every state, compiles it and runs it.
final class Spin {
    /// What a check may take at most. It ends with an error beyond that, and says so.
    private static final int MEGABYTES = 1024;
    private static final int DEPTH = 2_000_000;
    private static final long LIMIT_SECONDS = 300;

    private static final Pattern STATES = Pattern.compile("(\\d+) states, stored");
    private static final Pattern ERRORS = Pattern.compile("errors: (\\d+)");

    /// @param states how many the search has stored
    /// @param story the steps to the violation, one a line; empty if there is none
    record Verdict(boolean holds, long states, List<String> story) {}

    private final Path model;
    private final Path folder;

    /// @param folder an empty one for what is made on the way
    Spin(Path model, Path folder) {
        this.model = model;
        this.folder = folder;
    }

    /// Looks at all states, depth first: this takes the least memory.
    Verdict prove(List<String> macros) throws IOException, InterruptedException {
        return check(macros, List.of("-DCOLLAPSE"));
    }

    /// Looks for the shortest way to a violation.
    Verdict refute(List<String> macros) throws IOException, InterruptedException {
        return check(macros, List.of("-DBFS"));
    }

    private Verdict check(List<String> macros, List<String> search) throws IOException, InterruptedException {
        Files.copy(model, folder.resolve("model.pml"));
        run(Stream.concat(Stream.of("spin"), Stream.concat(defined(macros), Stream.of("-a", "model.pml"))));
        run(Stream.concat(
                Stream.of("gcc", "-O1", "-w", "-DSAFETY", "-DMEMLIM=" + MEGABYTES),
                Stream.concat(search.stream(), Stream.of("-o", "pan", "pan.c"))));
        var said = run(Stream.of(folder.resolve("pan").toString(), "-n", "-m" + DEPTH, "-w22"));
        boolean complete = !said.contains("Search not completed") && !said.contains("max search depth too small");
        long errors = number(ERRORS, said);
        if (errors == 0 && !complete) {
            throw new AssertionError("Spin could not look at all states of " + model + " with " + macros + ":\n" + said);
        }
        return new Verdict(errors == 0, number(STATES, said), errors == 0 ? List.of() : story(macros));
    }

    private List<String> story(List<String> macros) throws IOException, InterruptedException {
        return run(Stream.concat(Stream.of("spin"), Stream.concat(defined(macros), Stream.of("-t", "model.pml"))))
                .lines()
                .filter(line -> !line.startsWith("spin: warning")) // of files of the same second
                .takeWhile(line -> !line.startsWith("spin:"))
                .map(String::strip)
                .toList();
    }

    private static Stream<String> defined(List<String> macros) {
        return macros.stream().map(macro -> "-D" + macro);
    }

    private static long number(Pattern pattern, String said) {
        return pattern.matcher(said)
                .results()
                .findFirst()
                .map(found -> Long.parseLong(found.group(1)))
                .orElseThrow(() -> new AssertionError("Spin did not end as it should:\n" + said));
    }

    private String run(Stream<String> words) throws IOException, InterruptedException {
        var command = words.toList();
        var output = folder.resolve("output");
        var process = start(command, output);
        try {
            if (!process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)) {
                throw new AssertionError("not done after " + LIMIT_SECONDS + " s: " + String.join(" ", command));
            }
        } finally {
            process.destroyForcibly();
        }
        var said = Files.readString(output, UTF_8);
        if (process.exitValue() != 0 && !command.contains("-t")) {
            throw new AssertionError("exit status " + process.exitValue() + ": " + command + "\n" + said);
        }
        return said;
    }

    private Process start(List<String> command, Path output) throws IOException {
        try {
            return new ProcessBuilder(command)
                    .directory(folder.toFile())
                    .redirectErrorStream(true)
                    .redirectOutput(output.toFile())
                    .start();
        } catch (IOException e) {
            throw new IOException("cannot run " + command.getFirst() + ", which checks the model of exclusive units;"
                    + " examples/provision installs it, or: apt-get install --no-install-recommends spin gcc libc6-dev",
                    e);
        }
    }
}
