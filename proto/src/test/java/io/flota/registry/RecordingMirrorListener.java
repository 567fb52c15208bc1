package io.flota.registry;

import com.google.common.collect.ImmutableList;
import io.flota.store.Snapshot;
import io.flota.store.WatchListener.Deleted;
import io.flota.store.WatchListener.Event;
import io.flota.store.WatchListener.Written;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;

/// Holds the view that a mirror keeps true, and what it told beside.
final class RecordingMirrorListener implements Mirror.Listener {
    private final TreeMap<String, String> view = new TreeMap<>();
    private final List<String> told = new ArrayList<>();
    private boolean isAway;
    private long revision;

    @Override
    public synchronized void reset(Snapshot snapshot) {
        view.clear();
        snapshot.entries().values().forEach(entry -> view.put(entry.key(), entry.value().toStringUtf8()));
        isAway = false;
        revision = snapshot.revision();
        told.add("reset");
    }

    @Override
    public synchronized void changed(long at, ImmutableList<Event> events) {
        if (at <= revision) {
            told.add("revision " + at + " after " + revision);
        }
        revision = at;
        for (var event : events) {
            switch (event) {
                case Written(var entry) -> view.put(entry.key(), entry.value().toStringUtf8());
                case Deleted(var key) -> view.remove(key);
            }
        }
    }

    @Override
    public synchronized void away(Instant since, String reason) {
        isAway = true;
        told.add("away since " + since.toEpochMilli() + ": " + reason);
    }

    @Override
    public synchronized void current() {
        isAway = false;
        told.add("current");
    }

    synchronized TreeMap<String, String> view() {
        return new TreeMap<>(view);
    }

    synchronized List<String> told() {
        return List.copyOf(told);
    }

    synchronized boolean isAway() {
        return isAway;
    }
}
