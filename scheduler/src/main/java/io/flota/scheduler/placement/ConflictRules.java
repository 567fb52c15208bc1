package io.flota.scheduler.placement;

import com.google.common.collect.ImmutableList;
import io.flota.scheduler.cluster.Cluster;
import io.flota.scheduler.cluster.RegisteredUnit.Contents;
import io.flota.scheduler.cluster.RegisteredUnit.Readable;
import io.flota.unit.UnitName;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/// Who must not be beside whom: the `Conflicts=` of every registered unit, which count for both sides.
final class ConflictRules {
    private static final int[] NONE = {};

    private final Globs globs = new Globs();
    private final Map<UnitName, int[]> byUnit = new LinkedHashMap<>();

    /// @param registered the names of all units of the cluster
    ConflictRules(Cluster cluster, Set<UnitName> registered) {
        cluster.units().values().forEach(unit -> add(unit.name(), ImmutableList.of(unit.contents())));
        // Who is destroyed has to be down before others may start.
        Stream.concat(cluster.placements().keySet().stream(), cluster.states().keySet().stream())
                .filter(name -> !registered.contains(name))
                .forEach(name -> add(name, cluster.contentsOfDestroyed(name)));
    }

    private void add(UnitName name, ImmutableList<Contents> contents) {
        var numbers = contents.stream()
                .filter(Readable.class::isInstance)
                .flatMap(readable -> ((Readable) readable).rules().conflicts().stream())
                .mapToInt(globs::add)
                .distinct()
                .toArray();
        if (numbers.length > 0) {
            byUnit.put(name, numbers);
        }
    }

    /// The numbers of the patterns in a unit's `Conflicts=`.
    int[] of(UnitName unit) {
        return byUnit.getOrDefault(unit, NONE);
    }

    /// The numbers of the patterns, anybody's, that match a unit's name.
    int[] matching(UnitName unit) {
        return globs.size() == 0 ? NONE : globs.matching(unit.full());
    }

    boolean conflict(UnitName one, UnitName other) {
        return names(one, other) || names(other, one);
    }

    private boolean names(UnitName one, UnitName other) {
        for (int glob : of(one)) {
            if (globs.get(glob).matches(other.full())) {
                return true;
            }
        }
        return false;
    }
}
