package io.flota.unitctl.command;

import java.time.Duration;
import java.util.Optional;

/// How long a command waits for units.
///
/// @param limit absent: for as long as it takes
/// @param whileHeld how long for a unit that no machine takes; absent: no less than for the others
record Patience(Optional<Duration> limit, Optional<Duration> whileHeld) {
    /// fleetctl's measure of an attempt.
    private static final Duration ATTEMPT = Duration.ofSeconds(2);

    /// Without `--block-attempts` a human at a terminal is told why a unit waits and waits with it; a script is told
    /// and goes on.
    static Patience of(Invocation invocation) throws CommandException {
        int attempts = invocation.number("--block-attempts").orElse(0);
        if (attempts < 0) {
            throw CommandException.usage("--block-attempts=" + attempts + " is no number of attempts");
        }
        Optional<Duration> limit = attempts == 0 ? Optional.empty() : Optional.of(ATTEMPT.multipliedBy(attempts));
        boolean patient = invocation.has("--block-attempts") || invocation.surroundings().errIsTerminal();
        return new Patience(limit, patient ? Optional.empty() : Optional.of(ATTEMPT));
    }
}
