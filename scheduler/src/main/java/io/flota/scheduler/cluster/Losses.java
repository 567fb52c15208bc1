package io.flota.scheduler.cluster;

import com.google.common.collect.ImmutableSortedSet;
import io.flota.machine.MachineId;

/// What the one who plans makes of machines that are not there.
///
/// @param held whether an absent machine may merely not have registered yet, so that its units stay its own
/// @param fenced absent machines that are certain to have stopped their exclusive units
public record Losses(boolean held, ImmutableSortedSet<MachineId> fenced) {
    /// Who knows nothing of its own takes no exclusive unit from anybody.
    public static final Losses UNKNOWN = new Losses(false, ImmutableSortedSet.of());
}
