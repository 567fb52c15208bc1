package io.flota.unitctl.command;

import io.flota.api.v1.Refusal;
import io.flota.api.v1.UnitOnMachine;
import java.util.List;
import java.util.Optional;

/// How far a unit is on the way to what a command wants of it.
sealed interface Verdict {
    /// It is there.
    ///
    /// @param on the machines that say so; none if it is to be nowhere
    record Reached(List<UnitOnMachine> on) implements Verdict {}

    /// It will not come there by itself.
    record Failed(String because) implements Verdict {}

    /// No machine takes it now; it goes on once one does.
    record Held(List<Refusal> refusals) implements Verdict {}

    /// @param how in a few words, for the line of progress
    /// @param trouble what an operator should know at once
    record Underway(String how, Optional<String> trouble) implements Verdict {
        static Underway by(String how) {
            return new Underway(how, Optional.empty());
        }

        Underway telling(Optional<String> other) {
            return new Underway(how, other);
        }
    }
}
