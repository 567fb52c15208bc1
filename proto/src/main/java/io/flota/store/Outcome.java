package io.flota.store;

/// What became of a transaction.
///
/// @param committed whether its conditions held and its writes happened
/// @param revision the store's revision after it
public record Outcome(boolean committed, long revision) {}
