package io.flota.registry;

import io.flota.registry.Fact.EventFact;
import io.flota.registry.Fact.ValveFact;
import io.flota.store.Lease;
import java.util.Optional;

/// What a leader makes of the valve.
///
/// @param before as it stands, which must still be so when this is written; empty: it is open
/// @param after empty: it is open, and forgotten whether it was released
public record ValveChange(Optional<ValveFact> before, Optional<Valve> after) {
    /// What is told in the same transaction.
    ///
    /// @param lease after which the event is forgotten
    public record Told(EventFact event, Lease lease) {}
}
