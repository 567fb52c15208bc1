package io.flota.scheduler.placement;

import com.google.common.collect.ImmutableSortedMap;
import io.flota.machine.MachineId;
import io.flota.scheduler.cluster.Cluster;
import io.flota.unit.Standby;
import io.flota.unit.UnitName;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.TreeMap;

/// Since when units that others stand by for have been active and healthy, as far as one who looks now and then can
/// know: at the earliest since it looked first. So whoever begins to lead counts anew, and a standby runs for some time
/// longer. Health comes and goes without a time of its own in a report, and machines' calendars may differ.
///
/// @param seen by unit; one that is not in it was not well
public record Recoveries(ImmutableSortedMap<UnitName, Seen> seen) {
    public static final Recoveries NONE = new Recoveries(ImmutableSortedMap.of());

    /// @param since when it became active, and restarts how often it was restarted: another number tells that it was not
    ///     well in between, also if nobody looked
    /// @param atNanos when it was seen so for the first time, by a clock that nobody sets
    public record Seen(MachineId machine, Instant since, int restarts, long atNanos) {
        boolean isSameAs(Seen other) {
            return machine.equals(other.machine) && since.equals(other.since) && restarts == other.restarts;
        }
    }

    /// What is known after a look at the cluster.
    public Recoveries after(Cluster cluster, long nowNanos) {
        var now = new TreeMap<UnitName, Seen>();
        cluster.units().values().stream()
                .flatMap(unit -> unit.standby().map(Standby::primary).stream())
                .forEach(primary -> cluster.wellOn(primary).ifPresent(machine -> {
                    var state = cluster.statesOf(primary).get(machine);
                    var fresh = new Seen(machine, state.since(), state.restarts(), nowNanos);
                    var known = Optional.ofNullable(seen.get(primary)).filter(fresh::isSameAs);
                    now.put(primary, known.orElse(fresh));
                }));
        return new Recoveries(ImmutableSortedMap.copyOfSorted(now));
    }

    /// For how long each has been well.
    public ImmutableSortedMap<UnitName, Duration> wellFor(long nowNanos) {
        var wellFor = new TreeMap<UnitName, Duration>();
        seen.forEach((unit, since) -> wellFor.put(unit, Duration.ofNanos(nowNanos - since.atNanos())));
        return ImmutableSortedMap.copyOfSorted(wellFor);
    }
}
