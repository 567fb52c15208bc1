package io.flota.scheduler.leading;

import com.google.common.base.Ticker;
import com.google.common.collect.ImmutableSortedMap;
import io.flota.registry.LeaderProof;
import io.flota.scheduler.cluster.Cluster;
import io.flota.scheduler.placement.Recoveries;
import io.flota.unit.UnitName;
import java.time.Duration;
import java.util.Optional;

/// For how long the present leader has known units to be well that others stand by for, by a clock that nobody sets. A
/// new leader counts anew.
final class RecoveredUnits {
    private final Ticker ticker;
    private Recoveries recoveries = Recoveries.NONE;
    private Optional<LeaderProof> leadership = Optional.empty();

    RecoveredUnits(Ticker ticker) {
        this.ticker = ticker;
    }

    ImmutableSortedMap<UnitName, Duration> look(LeaderProof present, Cluster cluster) {
        boolean goesOn = leadership.equals(Optional.of(present));
        leadership = Optional.of(present);
        long now = ticker.read();
        recoveries = (goesOn ? recoveries : Recoveries.NONE).after(cluster, now);
        return recoveries.wellFor(now);
    }
}
