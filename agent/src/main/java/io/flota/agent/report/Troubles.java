package io.flota.agent.report;

import com.google.common.collect.ImmutableSortedMap;
import io.flota.unit.UnitName;
import io.flota.unit.UnitState;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Says in the agent's log which units fail and which are started again, ever more rarely for each: the first time, the
/// second, the fourth, the eighth … Not for several threads.
public final class Troubles {
    private static final Logger LOG = LoggerFactory.getLogger(Troubles.class);

    private record Seen(int restarts, int failures, boolean failed) {}

    private final TreeMap<UnitName, Seen> seen = new TreeMap<>();

    public void see(ImmutableSortedMap<UnitName, UnitState> states) {
        seen.keySet().retainAll(states.keySet());
        states.forEach(this::see);
    }

    private void see(UnitName unit, UnitState state) {
        var before = seen.getOrDefault(unit, new Seen(0, 0, false));
        boolean failed = state.active().equals("failed");
        int failures = before.failures() + (failed && !before.failed() ? 1 : 0);
        if (isWorthALine(before.failures(), failures)) {
            LOG.info("failed unit={} times={} restarts={} because={}",
                    unit, failures, state.restarts(), state.message());
        } else if (isWorthALine(before.restarts(), state.restarts())) {
            LOG.info("started again unit={} restarts={} because={}", unit, state.restarts(), state.message());
        }
        seen.put(unit, new Seen(state.restarts(), failures, failed));
    }

    /// Whether a count has reached another power of two. It may have been set to zero meanwhile.
    private static boolean isWorthALine(int before, int now) {
        return now > before && Integer.highestOneBit(now) > Integer.highestOneBit(before);
    }
}
