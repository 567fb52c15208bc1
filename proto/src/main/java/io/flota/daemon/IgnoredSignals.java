package io.flota.daemon;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import com.google.common.collect.ImmutableSortedMap;
import com.google.common.collect.ImmutableSortedSet;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;

/// What this process was started to ignore, as `nohup` has it, and shells have it of what they start in the background.
/// Whatever it starts would ignore the same: units that nobody can interrupt, and terminals without Ctrl-C.
public final class IgnoredSignals {
    private static final ImmutableSortedMap<String, Integer> NUMBERS = ImmutableSortedMap.of(
            "HUP", 1, "INT", 2, "QUIT", 3, "USR1", 10, "TERM", 15, "TSTP", 20, "TTIN", 21, "TTOU", 22);
    private static final Path STATUS = Path.of("/proc/self/status");
    private static final String MASK = "SigIgn:";
    private static final int HEXADECIMAL = 16;

    private IgnoredSignals() {}

    /// From now on they have no effect here, and their usual one on whatever is started.
    ///
    /// @return which they are, without `SIG`
    public static ImmutableSortedSet<String> keepToOurselves() {
        long ignored = mask();
        var names = NUMBERS.keySet().stream()
                .filter(name -> (ignored >> (NUMBERS.get(name) - 1) & 1) == 1)
                .collect(ImmutableSortedSet.toImmutableSortedSet(String::compareTo));
        if (!names.isEmpty()) {
            // Unlike what is ignored, what is handled is reset in a new program. The handler that does nothing is a
            // function of the C library that takes a number and only reckons, so that none is lost in between.
            var signal = CLibrary.function("signal", ADDRESS, JAVA_INT, ADDRESS);
            var nothing = CLibrary.address("abs");
            names.forEach(name -> {
                var before = (MemorySegment) CLibrary.invoke(signal, NUMBERS.get(name), nothing);
                if (before.address() == -1) {
                    throw new IllegalStateException("signal " + name + " cannot be handled");
                }
            });
        }
        return names;
    }

    private static long mask() {
        try (var lines = Files.lines(STATUS)) {
            return lines.filter(line -> line.startsWith(MASK))
                    .mapToLong(line -> Long.parseUnsignedLong(line.substring(MASK.length()).strip(), HEXADECIMAL))
                    .findFirst()
                    .orElse(0);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read which signals are ignored", e);
        }
    }
}
