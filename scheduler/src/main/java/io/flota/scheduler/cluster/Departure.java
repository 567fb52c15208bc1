package io.flota.scheduler.cluster;

/// How a machine left that is away.
///
/// @param revision at which it left
/// @param onPurpose whether it had stopped all its units before, as an agent does that hands them over
public record Departure(long revision, boolean onPurpose) {}
