package io.flota.agent;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSortedMap;
import io.flota.registry.Codec;
import io.flota.registry.Fact.PlacementFact;
import io.flota.registry.Mirror;
import io.flota.store.Entry;
import io.flota.store.Snapshot;
import io.flota.store.WatchListener.Deleted;
import io.flota.store.WatchListener.Event;
import io.flota.store.WatchListener.Written;
import io.flota.unit.Placement;
import io.flota.unit.UnitName;
import java.time.Instant;
import java.util.Optional;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What is placed on this machine, as far as the store has told.
final class PlacementsView implements Mirror.Listener {
    private static final Logger LOG = LoggerFactory.getLogger(PlacementsView.class);

    private final Codec codec;
    private final Runnable changed;
    private volatile Optional<ImmutableSortedMap<UnitName, Placement>> latest = Optional.empty();
    /// By key; only the mirror's thread touches it.
    private final TreeMap<String, Placement> placements = new TreeMap<>();

    /// @param changed called after each change
    PlacementsView(Codec codec, Runnable changed) {
        this.codec = codec;
        this.changed = changed;
    }

    /// All placements; empty until the first snapshot, so that nobody takes "not told yet" for "nothing placed".
    Optional<ImmutableSortedMap<UnitName, Placement>> latest() {
        return latest;
    }

    @Override
    public void reset(Snapshot snapshot) {
        placements.keySet().retainAll(snapshot.entries().keySet());
        snapshot.entries().values().forEach(this::take);
        publish();
    }

    @Override
    public void changed(long revision, ImmutableList<Event> events) {
        for (var event : events) {
            switch (event) {
                case Written(var entry) -> take(entry);
                case Deleted(var key) -> placements.remove(key);
            }
        }
        publish();
    }

    @Override
    public void away(Instant since, String reason) {
        LOG.warn("etcd cannot be reached; units run on and nothing is placed here since={} because={}", since, reason);
    }

    @Override
    public void current() {
        LOG.info("etcd can be reached again");
        changed.run();
    }

    /// A placement that cannot be read stays as it was: it is still there, and its unit must not be stopped for it.
    private void take(Entry entry) {
        codec.decode(entry).ifPresent(fact -> {
            if (fact instanceof PlacementFact(var placement, var _)) {
                placements.put(entry.key(), placement);
            }
        });
    }

    private void publish() {
        var byUnit = new TreeMap<UnitName, Placement>();
        placements.values().forEach(placement -> byUnit.put(placement.unit(), placement));
        latest = Optional.of(ImmutableSortedMap.copyOf(byUnit));
        changed.run();
    }
}
