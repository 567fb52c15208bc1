package io.flota.agent.steps;

import io.flota.unit.UnitState;
import java.time.Instant;

/// What tells one run of a unit from the next one.
///
/// @param mainPid 0 if there is none
/// @param since when it became active
public record Run(long generation, int restarts, long mainPid, Instant since) {
    public static Run of(UnitState state) {
        return new Run(state.generation(), state.restarts(), state.mainPid(), state.since());
    }

    /// Whether these are two looks at one run.
    public boolean isSame(Run other) {
        return generation == other.generation && restarts == other.restarts && isSameProcess(other);
    }

    /// Whether nothing was started between two looks, whatever was asked for. A process may change its number by itself,
    /// or its state in passing, but not both.
    public boolean isSameProcess(Run other) {
        return mainPid != 0 && mainPid == other.mainPid || since.equals(other.since);
    }
}
