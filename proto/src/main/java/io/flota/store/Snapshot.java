package io.flota.store;

import com.google.common.collect.ImmutableSortedMap;

/// Entries by key, all as they stood at one revision of the store.
public record Snapshot(long revision, ImmutableSortedMap<String, Entry> entries) {}
