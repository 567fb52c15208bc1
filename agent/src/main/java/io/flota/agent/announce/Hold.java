package io.flota.agent.announce;

import com.google.common.collect.ImmutableSortedMap;
import java.time.Duration;
import java.time.Instant;

/// An endpoint that a sidecar asked for.
///
/// @param ttl for how long it is held after each time that it is asked for
/// @param until it is asked for again
/// @param since when it was asked for the first time
public record Hold(
        EndpointName name, int port, ImmutableSortedMap<String, String> attributes, Duration ttl, Instant until,
        long epoch, Instant since) {}
