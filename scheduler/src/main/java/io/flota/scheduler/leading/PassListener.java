package io.flota.scheduler.leading;

import io.flota.scheduler.placement.Decision;
import io.flota.scheduler.placement.Plan;
import java.time.Duration;
import java.util.List;

/// Hears what the leader plans and writes. Called by the leader's thread; must not block.
public interface PassListener {
    PassListener NONE = new PassListener() {};

    /// @param took to plan
    default void planned(Plan plan, Duration took) {}

    /// These are written.
    default void written(List<Decision> decisions) {}
}
