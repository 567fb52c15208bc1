package io.flota.scheduler.placement;

import com.google.common.collect.ImmutableSortedMap;
import io.flota.scheduler.cluster.Cluster;
import io.flota.scheduler.cluster.RegisteredUnit;
import io.flota.unit.DesiredState;
import io.flota.unit.Standby;
import io.flota.unit.UnitName;
import io.flota.unit.UnitState;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;

/// Which of the units that stand by for others (`StandbyFor=`) are to run now. To all other rules those that are not
/// are units that an operator wants loaded.
///
/// | the primary | the standby is placed launched | it is not |
/// |---|---|---|
/// | not active and healthy, whatever the reason | launched | launched |
/// | active and healthy, not for as long as `StandbyHold=` | launched | loaded |
/// | active and healthy for that long | loaded | loaded |
///
/// Of units that stand by for each other in a circle none ever would come to rest: there the option has no effect. A
/// standby that an operator does not want launched is no affair of this. What counts is what the primary's machine
/// reports of it: also a unit that is stopped, or was never registered, is stood in for, and so is one of an absent
/// machine whose losses are held, as a start too much does no harm.
final class Standbys {
    private final Cluster cluster;
    private final TreeMap<UnitName, DesiredState> targets = new TreeMap<>();
    private Optional<Instant> next = Optional.empty();

    Standbys(Cluster registered) {
        registered.units().values().stream()
                .filter(unit -> unit.unit().desired() == DesiredState.LAUNCHED)
                .forEach(unit -> unit.standby()
                        .filter(_ -> !leadsBack(unit, registered))
                        .ifPresent(standby -> decide(unit, standby, registered)));
        cluster = targets.containsValue(DesiredState.LOADED) ? registered.withUnits(wanted(registered)) : registered;
    }

    private static boolean leadsBack(RegisteredUnit unit, Cluster registered) {
        var seen = new TreeSet<UnitName>();
        var next = unit.standby();
        while (next.isPresent() && seen.add(next.get().primary())) {
            next = Optional.ofNullable(registered.units().get(next.get().primary())).flatMap(RegisteredUnit::standby);
        }
        return seen.contains(unit.name());
    }

    private void decide(RegisteredUnit unit, Standby standby, Cluster registered) {
        boolean standsIn = registered.placementsOf(unit.name()).values().stream()
                .anyMatch(placed -> placed.placement().target() == DesiredState.LAUNCHED);
        var wellFor = registered.wellFor().getOrDefault(standby.primary(), Duration.ZERO);
        boolean isWell = registered.wellOn(standby.primary()).isPresent();
        boolean held = isWell && standsIn && wellFor.compareTo(standby.hold()) < 0;
        targets.put(unit.name(), isWell && !held ? DesiredState.LOADED : DesiredState.LAUNCHED);
        if (held) {
            var end = registered.moment().plus(standby.hold().minus(wellFor));
            next = next.filter(end::isAfter).or(() -> Optional.of(end));
        }
    }

    private ImmutableSortedMap<UnitName, RegisteredUnit> wanted(Cluster registered) {
        var units = new TreeMap<>(registered.units());
        targets.forEach((name, target) -> units.computeIfPresent(name, (_, unit) -> unit.wanted(target)));
        return ImmutableSortedMap.copyOfSorted(units);
    }

    /// The cluster in which each standby is wanted as it is to be now.
    Cluster cluster() {
        return cluster;
    }

    /// When time alone ends a stand-in next.
    Optional<Instant> next() {
        return next;
    }

    /// Why a unit is to be as it is now, if it is a standby.
    Optional<String> words(RegisteredUnit unit) {
        return unit.standby().filter(_ -> targets.containsKey(unit.name())).map(standby -> words(unit, standby));
    }

    private String words(RegisteredUnit unit, Standby standby) {
        var primary = standby.primary();
        if (targets.get(unit.name()) == DesiredState.LOADED) {
            return "stands by for " + primary;
        }
        if (cluster.wellOn(primary).isPresent()) {
            return "stands in for " + primary + ", which is not well for long enough yet";
        }
        if (!cluster.units().containsKey(primary)) {
            return "stands in for " + primary + ", which is not registered";
        }
        boolean isUp = cluster.statesOf(primary).values().stream().map(UnitState::active).anyMatch("active"::equals);
        return "stands in for " + primary + ", which is not " + (isUp ? "healthy" : "active");
    }
}
