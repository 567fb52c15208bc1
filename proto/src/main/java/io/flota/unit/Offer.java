package io.flota.unit;

import com.google.common.collect.ImmutableList;
import java.time.Duration;
import java.util.Optional;

/// What a unit offers to others, and how one finds out whether it can: the options of `[X-Flota]` about endpoints and
/// health.
///
/// @param announcements one for each service at most
/// @param drain how long before a stop the unit is no longer announced
/// @param health empty: a unit that is active can serve
public record Offer(ImmutableList<Announcement> announcements, Duration drain, Optional<HealthCheck> health) {
    /// Who used an endpoint needs a moment to learn that it is gone: to be told, to write its files, to reload.
    public static final Duration DEFAULT_DRAIN = Duration.ofSeconds(2);

    public static final Offer NONE = new Offer(ImmutableList.of(), Duration.ZERO, Optional.empty());
}
