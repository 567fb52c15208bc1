package io.flota.store;

import com.google.common.collect.ImmutableList;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Keeps what a watch told.
final class RecordingListener implements WatchListener {
    record Change(long revision, ImmutableList<Event> events) {}

    private final List<Change> changes = new ArrayList<>();
    private Optional<String> broken = Optional.empty();

    @Override
    public synchronized void changed(long revision, ImmutableList<Event> events) {
        changes.add(new Change(revision, events));
    }

    @Override
    public synchronized void broken(String reason) {
        broken = Optional.of(reason);
    }

    synchronized List<Change> changes() {
        return List.copyOf(changes);
    }

    synchronized List<String> keys() {
        return changes.stream().flatMap(change -> change.events().stream()).map(Event::key).toList();
    }

    synchronized Optional<String> brokenBecause() {
        return broken;
    }
}
