package io.flota.agent.steps;

import com.google.common.collect.ImmutableSortedMap;
import io.flota.unit.Placement;
import io.flota.unit.UnitName;

/// All that the leader has placed here, as it stood in the store at one revision.
///
/// @param written the revision at which each placement was written last
public record Placed(
        long revision, ImmutableSortedMap<UnitName, Placement> placements, ImmutableSortedMap<UnitName, Long> written) {}
