package io.flota.scheduler.placement;

import io.flota.machine.MachineId;
import java.util.Optional;

/// Why a unit cannot be on a machine, in an operator's words.
///
/// @param machine empty if it speaks of the whole cluster
public record Refusal(Optional<MachineId> machine, String reason) {
    static Refusal by(MachineId machine, String reason) {
        return new Refusal(Optional.of(machine), reason);
    }

    static Refusal everywhere(String reason) {
        return new Refusal(Optional.empty(), reason);
    }
}
