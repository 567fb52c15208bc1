package io.flota.agent.runtime.docker;

/// How far a pull has come.
///
/// @param layer its short id; empty if it is the whole
/// @param status Docker's word, such as `Downloading`
/// @param total zero if it is not known
record PullProgress(String layer, String status, long current, long total) {}
