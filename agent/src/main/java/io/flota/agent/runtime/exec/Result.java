package io.flota.agent.runtime.exec;

import java.util.Locale;

/// Why a unit is no longer up, in systemd's words.
enum Result {
    SUCCESS,
    EXEC_CONDITION,
    PROTOCOL,
    TIMEOUT,
    EXIT_CODE,
    SIGNAL,
    OOM_KILL,
    RESOURCES,
    START_LIMIT_HIT,
    DEPENDENCY,
    WATCHDOG,
    /// Its time was over, see [Term].
    FENCED;

    String word() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /// A unit whose condition does not hold is skipped, which is no failure.
    boolean isFailure() {
        return this != SUCCESS && this != EXEC_CONDITION;
    }
}
