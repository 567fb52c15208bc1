package io.flota.agent.runtime.docker;

import java.time.Instant;

/// Docker cannot be reached, or does not answer. What was asked for may have been done or not.
final class EngineAwayException extends EngineException {
    private final transient Instant since;

    EngineAwayException(String message, Instant since, Throwable cause) {
        super(message, cause);
        this.since = since;
    }

    /// When the first call failed of those that failed since the last answer.
    Instant since() {
        return since;
    }
}
