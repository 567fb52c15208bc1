package io.flota.registry;

/// What a leader shows with each write: since when it leads. A deposed leader's proof holds no more.
///
/// @param createRevision of the leader key
public record LeaderProof(long createRevision) {}
