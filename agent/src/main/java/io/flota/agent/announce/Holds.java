package io.flota.agent.announce;

import com.google.common.collect.ImmutableList;
import java.time.Duration;
import java.util.Comparator;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Predicate;

/// What sidecars have asked for and is not over.
public final class Holds {
    private final TreeMap<EndpointName, Hold> holds = new TreeMap<>();

    /// Takes the place of what was held under the name before.
    synchronized void put(Hold hold) {
        holds.put(hold.name(), hold);
    }

    /// What an earlier agent has held, unless it was asked for anew.
    synchronized void adopt(Hold hold) {
        holds.putIfAbsent(hold.name(), hold);
    }

    synchronized boolean remove(EndpointName name) {
        return holds.remove(name) != null;
    }

    synchronized Optional<Hold> get(EndpointName name) {
        return Optional.ofNullable(holds.get(name));
    }

    synchronized ImmutableList<Hold> all() {
        return ImmutableList.copyOf(holds.values());
    }

    synchronized void keepOnly(Predicate<Hold> which) {
        holds.values().removeIf(which.negate());
    }

    /// Until the first of them is over.
    synchronized Optional<Duration> next(Duration now) {
        return holds.values().stream()
                .map(Hold::until)
                .min(Comparator.naturalOrder())
                .map(until -> now.compareTo(until) < 0 ? until.minus(now) : Duration.ZERO);
    }
}
