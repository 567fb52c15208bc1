package io.flota.agent.runtime.docker;

import com.google.common.base.Ascii;
import com.google.common.collect.ImmutableList;
import io.flota.agent.runtime.process.ProcFs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.Optional;
import java.util.regex.Pattern;

/// A question of a container's service, which waits for the answer in a process of its own.
///
/// @param key of the unit, see [io.flota.agent.runtime.process.UnitKey]
/// @param run names one activation of the unit, as `INVOCATION_ID` does
/// @param pid who waits
/// @param ticks when that process began
/// @param asked when it has
/// @param pipe where it waits for the answer
record Ask(String key, Verb verb, String run, long pid, long ticks, Instant asked, Path pipe) {
    enum Verb {
        /// Have the image here; ends once it is.
        IMAGE,
        /// Run the container; ends with it, and with its exit code.
        RUN,
        /// Ends once the container is up, or has failed.
        READY,
        /// Stop the container; ends once it has.
        STOP,
        /// Remove the container; ends once it is gone.
        CLEAR;

        String word() {
            return Ascii.toLowerCase(name());
        }
    }

    /// As `ask` does.
    private static final String HELD = "fd/0";
    /// What the kernel says of the name of such a file.
    private static final String REMOVED = " (deleted)";
    private static final Pattern NAME = Pattern.compile("([0-9a-f]{16})\\.([a-z]+)\\.([0-9a-z]+)\\.(\\d+)\\.(\\d+)");

    /// Empty if no question has such a name.
    static Optional<Ask> of(Path pipe, Instant asked) {
        var name = NAME.matcher(pipe.getFileName().toString());
        if (!name.matches()) {
            return Optional.empty();
        }
        return Arrays.stream(Verb.values())
                .filter(verb -> verb.word().equals(name.group(2)))
                .findFirst()
                .map(verb -> new Ask(
                        name.group(1), verb, name.group(3), Long.parseLong(name.group(4)),
                        Long.parseLong(name.group(5)), asked, pipe));
    }

    /// What processes wait for the answers to, though it is in the folder no more.
    static ImmutableList<Ask> removed(Path folder) throws IOException {
        var removed = ImmutableList.<Ask>builder();
        var real = folder.toRealPath();
        try (var processes = Files.newDirectoryStream(Path.of("/proc"), "[1-9]*")) {
            for (var process : processes) {
                target(process.resolve(HELD))
                        .map(Path::toString)
                        .filter(target -> target.startsWith(real + "/") && target.endsWith(REMOVED))
                        .map(target -> target.substring(target.lastIndexOf('/') + 1, target.length() - REMOVED.length()))
                        .flatMap(name -> of(folder.resolve(name), Instant.now()))
                        .filter(ask -> process.endsWith(Long.toString(ask.pid())))
                        .ifPresent(removed::add);
            }
        }
        return removed.build();
    }

    /// Where its process has it open.
    Path held() {
        return Path.of("/proc", Long.toString(pid), HELD);
    }

    /// Whether that is so.
    boolean isHeld() {
        return target(held()).filter(target -> target.toString().contains("/" + pipe.getFileName())).isPresent();
    }

    private static Optional<Path> target(Path link) {
        try {
            return Optional.of(Files.readSymbolicLink(link));
        } catch (IOException _) {
            return Optional.empty(); // gone, or another user's
        }
    }

    /// Whether somebody still waits for the answer.
    boolean isWaiting() {
        return ProcFs.isAlive(pid, ticks);
    }
}
