package io.flota.store;

import com.google.common.collect.ImmutableList;

/// Hears the changes of a watch. Called by one thread at a time; must not block.
public interface WatchListener {
    /// What happened at one revision.
    void changed(long revision, ImmutableList<Event> events);

    /// The watch has ended and may have missed changes: read a snapshot, then watch from its revision plus one.
    void broken(String reason);

    /// One change of a key.
    sealed interface Event {
        String key();
    }

    record Written(Entry entry) implements Event {
        @Override
        public String key() {
            return entry.key();
        }
    }

    record Deleted(String key) implements Event {}
}
