package io.flota.machine;

import com.google.common.collect.ImmutableSortedMap;
import com.google.common.collect.ImmutableSortedSet;
import com.google.protobuf.ByteString;
import java.util.TreeMap;

/// What operators want of a machine, whatever its agent says of itself.
///
/// @param cordoned nothing new is placed on it
/// @param draining what is on it leaves; implies cordoned
/// @param metadata besides, or instead of, what the agent tells
/// @param withoutMetadata keys that it does not have, though the agent tells them
/// @param unread what a newer version wrote of it besides, in protobuf: whoever changes the policy keeps that
public record Policy(
        boolean cordoned,
        boolean draining,
        ImmutableSortedMap<String, String> metadata,
        ImmutableSortedSet<String> withoutMetadata,
        ByteString unread) {
    /// Nothing is wanted.
    public static final Policy NONE = new Policy(false, false, ImmutableSortedMap.of(), ImmutableSortedSet.of());

    /// One of which there is nothing besides.
    public Policy(
            boolean cordoned,
            boolean draining,
            ImmutableSortedMap<String, String> metadata,
            ImmutableSortedSet<String> withoutMetadata) {
        this(cordoned, draining, metadata, withoutMetadata, ByteString.EMPTY);
    }

    /// Whether units may come.
    public boolean isOpen() {
        return !cordoned && !draining;
    }

    /// The metadata that counts, of a machine whose agent tells this.
    public ImmutableSortedMap<String, String> over(ImmutableSortedMap<String, String> told) {
        var all = new TreeMap<String, String>(told);
        all.keySet().removeAll(withoutMetadata);
        all.putAll(metadata);
        return ImmutableSortedMap.copyOfSorted(all);
    }
}
