package io.flota.machine;

/// What a machine has to give.
///
/// @param memoryBytes 0 if its agent does not say
/// @param cpus cores; 0 if its agent does not say
public record Resources(long memoryBytes, int cpus) {}
