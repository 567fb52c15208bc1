package io.flota.registry;

import io.flota.machine.MachineId;
import io.flota.machine.Policy;
import io.flota.registry.Fact.PolicyFact;
import java.util.Optional;

/// What is to be wanted of a machine.
///
/// @param before as it is registered now, which must still be so when this is written; empty: nothing is
/// @param after [Policy#NONE] is not kept
public record PolicyChange(MachineId machine, Optional<PolicyFact> before, Policy after) {}
