package io.flota.agent.announce;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSortedMap;
import io.flota.registry.Codec;
import io.flota.registry.Fact.EndpointFact;
import io.flota.registry.Mirror;
import io.flota.store.Entry;
import io.flota.store.Snapshot;
import io.flota.store.WatchListener.Deleted;
import io.flota.store.WatchListener.Event;
import io.flota.store.WatchListener.Written;
import io.flota.unit.Endpoint;
import java.time.Instant;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// All endpoints of the cluster, as far as the store has told.
final class EndpointsView implements Mirror.Listener {
    private static final Logger LOG = LoggerFactory.getLogger(EndpointsView.class);

    private final Codec codec;
    private final CountDownLatch known = new CountDownLatch(1);
    private volatile ImmutableSortedMap<String, Endpoint> latest = ImmutableSortedMap.of();
    /// By key; only the mirror's thread touches it.
    private final TreeMap<String, Endpoint> endpoints = new TreeMap<>();

    EndpointsView(Codec codec) {
        this.codec = codec;
    }

    /// Counted down once all that there is has been read.
    CountDownLatch known() {
        return known;
    }

    /// By service, then by unit.
    ImmutableList<Endpoint> latest() {
        return latest.values().asList();
    }

    @Override
    public void reset(Snapshot snapshot) {
        endpoints.clear();
        snapshot.entries().values().forEach(this::take);
        publish();
    }

    @Override
    public void changed(long revision, ImmutableList<Event> events) {
        for (var event : events) {
            switch (event) {
                case Written(var entry) -> take(entry);
                case Deleted(var key) -> endpoints.remove(key);
            }
        }
        publish();
    }

    @Override
    public void away(Instant since, String reason) {
        LOG.debug("what is told of endpoints grows old since={} because={}", since, reason);
    }

    @Override
    public void current() {}

    private void take(Entry entry) {
        codec.decode(entry).ifPresent(fact -> {
            if (fact instanceof EndpointFact(var endpoint, _)) {
                endpoints.put(entry.key(), endpoint);
            }
        });
    }

    private void publish() {
        latest = ImmutableSortedMap.copyOfSorted(endpoints);
        known.countDown();
    }
}
