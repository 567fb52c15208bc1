package io.flota.scheduler.cluster;

import com.google.common.collect.ImmutableList;
import io.flota.registry.Codec;
import io.flota.registry.Keys;
import io.flota.store.Entry;
import io.flota.store.Snapshot;
import io.flota.store.WatchListener;
import io.flota.store.WatchListener.Event;
import java.util.List;
import java.util.Optional;

/// Turns what the store tells into changes of a [Cluster]. Keys and values that cannot be read are left out: one bad
/// key holds up nothing.
public final class ChangeReader {
    private final Keys keys;
    private final Codec codec;

    public ChangeReader(Keys keys, Codec codec) {
        this.keys = keys;
        this.codec = codec;
    }

    /// All that a snapshot holds.
    public ImmutableList<Change> read(Snapshot snapshot) {
        return snapshot.entries().values().stream()
                .flatMap(entry -> written(entry).stream())
                .collect(ImmutableList.toImmutableList());
    }

    public ImmutableList<Change> read(List<Event> events) {
        return events.stream().flatMap(event -> read(event).stream()).collect(ImmutableList.toImmutableList());
    }

    private Optional<Change> read(Event event) {
        return switch (event) {
            case WatchListener.Written(var entry) -> written(entry);
            case WatchListener.Deleted(var key) -> keys.parse(key).map(Change.Removed::new);
        };
    }

    private Optional<Change> written(Entry entry) {
        return codec.decode(entry).map(Change.Written::new);
    }
}
