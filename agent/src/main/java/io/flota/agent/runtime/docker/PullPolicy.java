package io.flota.agent.runtime.docker;

/// When an image is asked for from its registry, as the unit is loaded.
enum PullPolicy {
    /// If the machine does not have it.
    MISSING,
    ALWAYS,
    /// As always, but what the machine has will do if the registry cannot be asked.
    NEWER,
    NEVER
}
