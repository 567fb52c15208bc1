package io.flota.registry;

import com.google.common.collect.ImmutableSortedSet;
import io.flota.machine.MachineId;
import java.time.Instant;

/// Closed: so many machines are away at once that the fault may be the leader's own, and no unit is moved for it.
///
/// @param lost the machines that are away
/// @param machines how many machines there were
/// @param released an operator says that the lost ones are lost
public record Valve(Instant closedSince, ImmutableSortedSet<MachineId> lost, int machines, boolean released) {}
