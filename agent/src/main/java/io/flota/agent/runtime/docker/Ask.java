package io.flota.agent.runtime.docker;

import com.google.common.base.Ascii;
import io.flota.agent.runtime.process.ProcFs;
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

    /// Whether somebody still waits for the answer.
    boolean isWaiting() {
        return ProcFs.isAlive(pid, ticks);
    }
}
