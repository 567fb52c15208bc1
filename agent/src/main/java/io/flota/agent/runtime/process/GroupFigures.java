package io.flota.agent.runtime.process;

import java.util.Optional;

/// What the kernel writes into files of control groups.
public final class GroupFigures {
    private static final String USAGE = "usage_usec ";
    private static final long MICRO = 1000;

    private GroupFigures() {}

    /// Empty for what is no limit: `max`, or in version 1 all that can be counted.
    public static Optional<Long> number(String text) {
        return text.matches("\\d{1,18}") ? Optional.of(Long.parseLong(text)) : Optional.empty();
    }

    /// Nanoseconds: a bare number in version 1, a line `usage_usec` in version 2.
    public static Optional<Long> cpu(String text) {
        return number(text).or(() -> text.lines()
                .filter(line -> line.startsWith(USAGE))
                .findFirst()
                .flatMap(line -> number(line.substring(USAGE.length())))
                .map(micros -> micros * MICRO));
    }
}
