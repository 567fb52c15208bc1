package io.flota.scheduler.fleet;

import com.google.common.base.Ticker;
import com.google.common.cache.Cache;
import com.google.common.cache.CacheBuilder;
import io.flota.unit.UnitName;
import java.time.Duration;

/// Units that a client has just told to stop, and that go on to read `launched` for a moment. `fleetctl restart`
/// asks for `loaded`, waits until it reads `launched`, and asks for that: fleet's agents were so slow to stop a
/// unit that it always did. Ours are done before it looks. One scheduler remembers it, so that whoever asks another
/// one meanwhile is told `loaded` at once.
final class RecentStops {
    /// fleetctl looks each quarter of a second, perhaps by way of a tunnel, once it has told all units that it means.
    private static final Duration MOMENT = Duration.ofSeconds(3);
    private static final int MOST_KEPT = 10_000;

    private final Cache<UnitName, Boolean> stops;

    RecentStops(Ticker ticker) {
        stops = CacheBuilder.newBuilder()
                .expireAfterWrite(MOMENT)
                .maximumSize(MOST_KEPT)
                .ticker(ticker)
                .build();
    }

    void begin(UnitName unit) {
        stops.put(unit, true);
    }

    void end(UnitName unit) {
        stops.invalidate(unit);
    }

    boolean isRecent(UnitName unit) {
        return stops.getIfPresent(unit) != null;
    }
}
