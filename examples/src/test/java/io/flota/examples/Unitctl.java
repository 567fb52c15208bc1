package io.flota.examples;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/// The assembled `unitctl`, as an operator runs it.
///
/// @param directory where it is run
/// @param environment added to ours
public record Unitctl(Path directory, Map<String, String> environment) {
    /// Only ends a hopeless call.
    private static final Duration LIMIT = Duration.ofMinutes(3);

    /// What a call left behind.
    public record Result(String call, int exitCode, String out, String err) {
        /// What it printed, once it is sure that it succeeded.
        public String ok() {
            if (exitCode != 0) {
                throw new AssertionError(toString());
            }
            return out;
        }

        public List<String> lines() {
            return ok().lines().toList();
        }

        @Override
        public String toString() {
            return call + " ended with " + exitCode + "\n" + out + err;
        }
    }

    /// Where the build put the programs.
    public static Path home() {
        return Path.of(System.getProperty("flota.home", "../target/flota")).toAbsolutePath().normalize();
    }

    public Unitctl in(Path other) {
        return new Unitctl(other, environment);
    }

    public Result run(String... arguments) {
        var call = "unitctl " + String.join(" ", arguments);
        try {
            var out = Files.createTempFile("unitctl", ".out");
            var err = Files.createTempFile("unitctl", ".err");
            try {
                int exitCode = run(call, start(out, err, arguments));
                return new Result(call, exitCode, read(out), read(err));
            } finally {
                Files.delete(out);
                Files.delete(err);
            }
        } catch (IOException failure) {
            throw new AssertionError("cannot run " + call, failure);
        }
    }

    /// Starts a call that is to run on, such as `journal -f`; whoever starts it ends it.
    public Process start(Path out, Path err, String... arguments) throws IOException {
        var command = Stream.concat(Stream.of(home().resolve("bin/unitctl").toString()), Stream.of(arguments));
        var builder = new ProcessBuilder(command.toList())
                .directory(directory.toFile())
                .redirectInput(Path.of("/dev/null").toFile())
                .redirectOutput(out.toFile())
                .redirectError(err.toFile());
        builder.environment().putAll(environment);
        return builder.start();
    }

    private static int run(String call, Process process) {
        try {
            if (!process.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS)) {
                throw new AssertionError(call + " did not end within " + LIMIT.toSeconds() + " s");
            }
            return process.exitValue();
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted while waiting for " + call, interrupted);
        } finally {
            process.destroyForcibly();
        }
    }

    private static String read(Path file) throws IOException {
        return Files.readString(file, StandardCharsets.UTF_8);
    }
}
