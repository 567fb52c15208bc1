package io.flota.agent.announce;

import com.google.common.collect.ImmutableSortedMap;
import java.time.Duration;
import java.time.Instant;

/// An endpoint that a sidecar asked for.
///
/// @param ttl for how long it is held after each time that it is asked for
/// @param until when it is held unless it is asked for again; of the ticker of the agent, so that setting the calendar
///     ends no hold and prolongs none
/// @param since when it was asked for the first time
public record Hold(
        EndpointName name, int port, ImmutableSortedMap<String, String> attributes, Duration ttl, Duration until,
        long epoch, Instant since) {}
