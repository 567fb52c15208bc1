package io.flota.agent;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSortedMap;
import io.flota.agent.steps.Placed;
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
    private volatile Optional<Placed> latest = Optional.empty();
    /// By key; only the mirror's thread touches it.
    private final TreeMap<String, PlacementFact> placements = new TreeMap<>();

    /// @param changed called after each change
    PlacementsView(Codec codec, Runnable changed) {
        this.codec = codec;
        this.changed = changed;
    }

    /// All placements; empty until the first snapshot, so that nobody takes "not told yet" for "nothing placed".
    Optional<Placed> latest() {
        return latest;
    }

    @Override
    public void reset(Snapshot snapshot) {
        placements.keySet().retainAll(snapshot.entries().keySet());
        snapshot.entries().values().forEach(this::take);
        publish(snapshot.revision());
    }

    @Override
    public void changed(long revision, ImmutableList<Event> events) {
        for (var event : events) {
            switch (event) {
                case Written(var entry) -> take(entry);
                case Deleted(var key) -> placements.remove(key);
            }
        }
        publish(revision);
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
            if (fact instanceof PlacementFact placement) {
                placements.put(entry.key(), placement);
            }
        });
    }

    private void publish(long revision) {
        var byUnit = new TreeMap<UnitName, Placement>();
        var written = new TreeMap<UnitName, Long>();
        for (var fact : placements.values()) {
            byUnit.put(fact.placement().unit(), fact.placement());
            written.put(fact.placement().unit(), fact.modRevision());
        }
        latest = Optional.of(
                new Placed(revision, ImmutableSortedMap.copyOf(byUnit), ImmutableSortedMap.copyOf(written)));
        changed.run();
    }
}
