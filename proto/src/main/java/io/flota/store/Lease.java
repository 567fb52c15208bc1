package io.flota.store;

import java.time.Duration;

/// A lease that the store granted: its id, and the time to live that it got.
public record Lease(long id, Duration ttl) {}
