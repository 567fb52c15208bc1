package io.flota.scheduler.leading;

import com.google.common.base.Ticker;
import com.google.common.collect.ImmutableSortedSet;
import io.flota.machine.MachineId;
import io.flota.registry.LeaderProof;
import io.flota.scheduler.cluster.Cluster;
import io.flota.unit.Placement;
import java.time.Duration;
import java.util.Optional;
import java.util.TreeMap;

/// For how long the present leader has known of each lost machine that it is lost, by a clock that nobody sets. A new
/// leader counts anew, and so does each new absence, also one that began unseen between two looks.
final class LostMachines {
    /// @param awaySince which absence it is
    private record Absence(long awaySince, long seenAtNanos) {}

    private final Ticker ticker;
    private final Duration exclusiveWait;
    private final TreeMap<MachineId, Absence> absences = new TreeMap<>();
    private Optional<LeaderProof> leadership = Optional.empty();

    LostMachines(Ticker ticker, Duration exclusiveWait) {
        this.ticker = ticker;
        this.exclusiveWait = exclusiveWait;
    }

    /// Takes note of the machines that still have exclusive units and are not there.
    void look(LeaderProof present, Cluster cluster) {
        if (!leadership.equals(Optional.of(present))) {
            leadership = Optional.of(present);
            absences.clear();
        }
        var seen = new TreeMap<MachineId, Absence>();
        long now = ticker.read();
        for (var machine : cluster.missed(Placement::exclusive)) {
            var fresh = new Absence(cluster.awaySince(machine), now);
            var known = absences.getOrDefault(machine, fresh);
            seen.put(machine, known.awaySince() == fresh.awaySince() ? known : fresh);
        }
        absences.clear();
        absences.putAll(seen);
    }

    /// Machines that are certain to have stopped their exclusive units.
    ImmutableSortedSet<MachineId> fenced() {
        return absences.keySet().stream()
                .filter(machine -> left(machine).isZero())
                .collect(ImmutableSortedSet.toImmutableSortedSet(MachineId::compareTo));
    }

    /// How long until the next one is; empty if all are.
    Optional<Duration> untilNext() {
        return absences.keySet().stream().map(this::left).filter(left -> !left.isZero()).min(Duration::compareTo);
    }

    private Duration left(MachineId machine) {
        var left = exclusiveWait.minusNanos(ticker.read() - absences.get(machine).seenAtNanos());
        return left.isNegative() ? Duration.ZERO : left;
    }
}
