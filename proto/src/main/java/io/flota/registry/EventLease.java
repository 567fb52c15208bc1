package io.flota.registry;

import com.google.common.base.Ticker;
import io.flota.store.Lease;
import io.flota.store.Store;
import io.flota.store.StoreException;
import java.time.Duration;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The lease under which events are forgotten after a day. It is never kept alive; events of another hour get another
/// one, so that etcd forgets them hour by hour. For one thread at a time.
final class EventLease {
    private static final Logger LOG = LoggerFactory.getLogger(EventLease.class);
    private static final Duration LIFE = Duration.ofDays(1);
    private static final Duration SERVES = Duration.ofHours(1);
    /// Whoever has something to do waits for the store at most once within it.
    private static final Duration BETWEEN_ATTEMPTS = Duration.ofSeconds(1);

    private record Held(Lease lease, long sinceNanos) {}

    private final Store store;
    private final Ticker ticker;
    private Optional<Held> held = Optional.empty();
    private Optional<Long> failedNanos = Optional.empty();
    private boolean doubted;

    EventLease(Store store, Ticker ticker) {
        this.store = store;
        this.ticker = ticker;
    }

    Optional<Lease> current() {
        boolean serves = held.filter(it -> age(it.sinceNanos()).compareTo(SERVES) < 0).isPresent();
        if (doubted || !serves) {
            renew();
        }
        return doubted ? Optional.empty() : held.map(Held::lease);
    }

    void doubt() {
        doubted = held.isPresent();
    }

    private void renew() {
        if (failedNanos.filter(at -> age(at).compareTo(BETWEEN_ATTEMPTS) < 0).isPresent()) {
            return;
        }
        try {
            if (doubted && !store.keepAlive(held.orElseThrow().lease()).isZero()) {
                doubted = false;
            } else {
                long asked = ticker.read();
                held = Optional.of(new Held(store.grant(LIFE), asked));
                doubted = false;
            }
            failedNanos = Optional.empty();
        } catch (StoreException e) {
            if (failedNanos.isEmpty()) {
                LOG.warn("no lease can be had for events because={}", e.getMessage());
            }
            failedNanos = Optional.of(ticker.read());
            held = held.filter(it -> age(it.sinceNanos()).compareTo(it.lease().ttl().dividedBy(2)) < 0);
            doubted &= held.isPresent();
        }
    }

    private Duration age(long sinceNanos) {
        return Duration.ofNanos(ticker.read() - sinceNanos);
    }
}
