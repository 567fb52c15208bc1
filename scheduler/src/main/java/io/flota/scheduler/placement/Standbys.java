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
import java.util.ArrayDeque;
import java.util.Optional;
import java.util.SortedMap;
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
/// A primary that stands by for another one itself is as it should be while it is loaded: then that other one is what
/// counts in its place.
///
/// Of units that stand by for each other in a circle none ever would come to rest: there the option has no effect. A
/// standby that an operator does not want launched is no affair of this. What counts is what the primary's machine
/// reports of it: also a unit that is stopped, or was never registered, is stood in for, and so is one of an absent
/// machine whose losses are held, as a start too much does no harm.
final class Standbys {
    private final Cluster cluster;
    private final TreeMap<UnitName, DesiredState> targets = new TreeMap<>();
    /// Whose health counts, by standby.
    private final TreeMap<UnitName, UnitName> counted = new TreeMap<>();
    private Optional<Instant> next = Optional.empty();

    Standbys(Cluster registered) {
        var standbys = new TreeMap<UnitName, Standby>();
        registered.units().values().stream()
                .filter(unit -> unit.unit().desired() == DesiredState.LAUNCHED)
                .forEach(unit -> unit.standby()
                        .filter(_ -> !leadsBack(unit, registered))
                        .ifPresent(standby -> standbys.put(unit.name(), standby)));
        standbys.keySet().forEach(unit -> decide(unit, standbys, registered));
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

    /// After all that it stands by for, one by way of the other.
    private void decide(UnitName last, SortedMap<UnitName, Standby> standbys, Cluster registered) {
        var chain = new ArrayDeque<UnitName>();
        for (var unit = last;
                standbys.containsKey(unit) && !targets.containsKey(unit);
                unit = standbys.get(unit).primary()) {
            chain.push(unit);
        }
        chain.forEach(unit -> decide(unit, standbys.get(unit), registered));
    }

    private void decide(UnitName unit, Standby standby, Cluster registered) {
        boolean standsIn = registered.placementsOf(unit).values().stream()
                .anyMatch(placed -> placed.placement().target() == DesiredState.LAUNCHED);
        boolean primaryRests = targets.get(standby.primary()) == DesiredState.LOADED;
        var primary = primaryRests ? counted.get(standby.primary()) : standby.primary();
        var wellFor = registered.wellFor().getOrDefault(primary, Duration.ZERO);
        boolean isWell = registered.wellOn(primary).isPresent();
        boolean held = isWell && standsIn && wellFor.compareTo(standby.hold()) < 0;
        counted.put(unit, primary);
        targets.put(unit, isWell && !held ? DesiredState.LOADED : DesiredState.LAUNCHED);
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
        if (targets.get(unit.name()) == DesiredState.LOADED) {
            return "stands by for " + standby.primary();
        }
        var primary = counted.get(unit.name());
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
