package io.flota.machine;

/// What a machine has to give.
public record Resources(long memoryBytes, int cpus) {}
