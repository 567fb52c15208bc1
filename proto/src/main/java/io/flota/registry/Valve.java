package io.flota.registry;

import com.google.common.collect.ImmutableSortedSet;
import com.google.protobuf.ByteString;
import io.flota.machine.MachineId;
import java.time.Instant;

/// Closed: so many machines are away at once that the fault may be the leader's own, and no unit is moved for it.
///
/// @param lost the machines that are away
/// @param machines how many machines there were
/// @param released an operator says that the lost ones are lost
/// @param unread what a newer version wrote of it besides, in protobuf: kept until the valve opens
public record Valve(
        Instant closedSince, ImmutableSortedSet<MachineId> lost, int machines, boolean released, ByteString unread) {
    /// One of which there is nothing besides.
    public Valve(Instant closedSince, ImmutableSortedSet<MachineId> lost, int machines, boolean released) {
        this(closedSince, lost, machines, released, ByteString.EMPTY);
    }

    /// The same, as an operator wants it.
    Valve release() {
        return new Valve(closedSince, lost, machines, true, unread);
    }
}
