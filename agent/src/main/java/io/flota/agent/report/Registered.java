package io.flota.agent.report;

import io.flota.store.Lease;

/// How the store holds this machine's key.
///
/// @param revision at which the machine was registered under the lease
/// @param written at which its key was written last. Reports compare it: when the outcome of one is unknown, the key is
///     written anew, and a report that comes late is void.
public record Registered(Lease lease, long revision, long written) {}
