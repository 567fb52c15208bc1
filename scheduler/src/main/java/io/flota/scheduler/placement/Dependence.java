package io.flota.scheduler.placement;

import com.google.common.collect.ImmutableSortedSet;
import com.google.common.collect.MultimapBuilder;
import com.google.common.collect.SetMultimap;
import com.google.common.collect.SortedSetMultimap;
import io.flota.scheduler.cluster.RegisteredUnit;
import io.flota.unit.UnitName;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;

/// Who has to be decided on before whom: a unit before those that follow it (`MachineOf=`), before those that have to
/// make room for it (`Replaces=`), and before those that stand by for it (`StandbyFor=`), so that these do not take the
/// machine that it needs. Among units that do not depend on each other the name decides.
///
/// Who stands by is decided on by name if it leads back to its primary in any other way. Units that follow each other in a circle can never be placed. Among units that lead back to each other by way of a
/// `Replaces=` nobody may go first: there the option has no effect.
final class Dependence {
    private final Map<UnitName, RegisteredUnit> units = new LinkedHashMap<>();
    private final SortedSetMultimap<UnitName, UnitName> followers =
            MultimapBuilder.treeKeys().treeSetValues().build();
    private final SortedSetMultimap<UnitName, UnitName> replaced =
            MultimapBuilder.treeKeys().treeSetValues().build();
    private final SortedSetMultimap<UnitName, UnitName> replacers =
            MultimapBuilder.treeKeys().treeSetValues().build();
    private final SortedSetMultimap<UnitName, UnitName> standbys =
            MultimapBuilder.treeKeys().treeSetValues().build();
    private final SortedMap<UnitName, String> circles = new TreeMap<>();
    private final SortedMap<UnitName, ImmutableSortedSet<UnitName>> entangled = new TreeMap<>();
    private final List<RegisteredUnit> order = new ArrayList<>();

    /// @param toDecide those that are to be decided on one by one
    Dependence(List<RegisteredUnit> toDecide) {
        toDecide.forEach(unit -> units.put(unit.name(), unit));
        for (var unit : toDecide) {
            for (var peer : Draft.rules(unit).machineOf()) {
                if (units.containsKey(peer)) {
                    followers.put(peer, unit.name());
                }
            }
            unit.standby()
                    .filter(standby -> units.containsKey(standby.primary()))
                    .ifPresent(standby -> standbys.put(standby.primary(), unit.name()));
        }
        var replacing = toDecide.stream()
                .filter(unit -> !Draft.rules(unit).replaces().isEmpty())
                .toList();
        if (!replacing.isEmpty()) {
            var byName = new TreeMap<String, UnitName>();
            units.keySet().forEach(name -> byName.put(name.full(), name));
            replacing.forEach(unit -> replace(unit, byName));
        }
        sort();
        replaced.forEach((replacer, other) -> replacers.put(other, replacer));
    }

    private void replace(RegisteredUnit unit, NavigableMap<String, UnitName> byName) {
        Draft.rules(unit).replaces().stream()
                .flatMap(glob -> Globs.select(glob, byName).stream())
                .filter(other -> !other.equals(unit.name()))
                .forEach(other -> replaced.put(unit.name(), other));
    }

    /// Every unit after those that it depends on.
    List<RegisteredUnit> order() {
        return order;
    }

    /// The units that name this one in `MachineOf=`.
    SortedSet<UnitName> followers(UnitName unit) {
        return followers.get(unit);
    }

    /// The units that this one replaces.
    SortedSet<UnitName> replacedBy(UnitName unit) {
        return replaced.get(unit);
    }

    /// The units that replace this one.
    SortedSet<UnitName> replacersOf(UnitName unit) {
        return replacers.get(unit);
    }

    /// The circle of `MachineOf=` that a unit is part of, as `a → b → a`.
    Optional<String> circle(UnitName unit) {
        return Optional.ofNullable(circles.get(unit));
    }

    /// All units that, like this one, are in a circle of `MachineOf=` with it, this one included; if there is none,
    /// nobody.
    ImmutableSortedSet<UnitName> entangled(UnitName unit) {
        return entangled.getOrDefault(unit, ImmutableSortedSet.of());
    }

    private void sort() {
        SetMultimap<UnitName, UnitName> before =
                MultimapBuilder.treeKeys().treeSetValues().build();
        followers.forEach((peer, follower) -> before.put(follower, peer));
        replaced.forEach((replacer, other) -> before.put(other, replacer));
        standbys.forEach((primary, standby) -> before.put(standby, primary));
        var ready = new TreeSet<UnitName>(units.keySet());
        ready.removeAll(before.keySet());
        while (true) {
            while (!ready.isEmpty()) {
                var next = ready.pollFirst();
                order.add(units.get(next));
                free(next, before, ready);
            }
            if (before.isEmpty()) {
                return;
            }
            breakCircle(circle(before), before, ready);
        }
    }

    private void free(UnitName decided, SetMultimap<UnitName, UnitName> before, SortedSet<UnitName> ready) {
        followers.get(decided).forEach(unit -> remove(unit, decided, before, ready));
        replaced.get(decided).forEach(unit -> remove(unit, decided, before, ready));
        standbys.get(decided).forEach(unit -> remove(unit, decided, before, ready));
    }

    private static void remove(
            UnitName unit, UnitName decided, SetMultimap<UnitName, UnitName> before, SortedSet<UnitName> ready) {
        if (before.remove(unit, decided) && !before.containsKey(unit)) {
            ready.add(unit);
        }
    }

    /// Follows first dependences until a unit comes again. Each unit of the result depends on the next one, the last
    /// on the first.
    private static List<UnitName> circle(SetMultimap<UnitName, UnitName> before) {
        var path = new ArrayList<UnitName>();
        var seen = new TreeSet<UnitName>();
        var unit = before.keySet().iterator().next();
        while (seen.add(unit)) {
            path.add(unit);
            unit = before.get(unit).iterator().next();
        }
        return path.subList(path.indexOf(unit), path.size());
    }

    /// Takes the `StandbyFor=` from all that lead back to each other by way of this circle; if there is none, their
    /// `Replaces=`; or, if they only follow each other, the circle apart.
    private void breakCircle(
            List<UnitName> circle, SetMultimap<UnitName, UnitName> before, SortedSet<UnitName> ready) {
        var unit = circle.getFirst();
        var knot = reachable(unit, before::get);
        knot.retainAll(reachable(unit, other -> dependents(other, before)));
        if (dissolve(standbys, knot, before, ready) || dissolve(replaced, knot, before, ready)) {
            return;
        }
        knot.forEach(other -> entangled.putIfAbsent(other, ImmutableSortedSet.copyOf(knot)));
        for (int i = 0; i < circle.size(); i++) {
            circles.put(circle.get(i), String.join(" → ", names(circle, i)));
            remove(circle.get(i), circle.get((i + 1) % circle.size()), before, ready);
        }
    }

    /// Takes one kind of dependence out of a knot.
    ///
    /// @return whether there was any
    private boolean dissolve(
            SetMultimap<UnitName, UnitName> kind, Set<UnitName> knot, SetMultimap<UnitName, UnitName> before,
            SortedSet<UnitName> ready) {
        var inside = new ArrayList<Map.Entry<UnitName, UnitName>>();
        for (var entry : kind.entries()) {
            boolean both = knot.contains(entry.getKey()) && knot.contains(entry.getValue());
            if (both && !followers.containsEntry(entry.getKey(), entry.getValue())) {
                inside.add(Map.entry(entry.getKey(), entry.getValue()));
            }
        }
        for (var entry : inside) {
            kind.remove(entry.getKey(), entry.getValue());
            boolean otherwise = replaced.containsEntry(entry.getKey(), entry.getValue())
                    || standbys.containsEntry(entry.getKey(), entry.getValue());
            if (!otherwise) {
                remove(entry.getValue(), entry.getKey(), before, ready);
            }
        }
        return !inside.isEmpty();
    }

    private SortedSet<UnitName> dependents(UnitName unit, SetMultimap<UnitName, UnitName> before) {
        var dependents = new TreeSet<>(followers.get(unit));
        dependents.addAll(replaced.get(unit));
        dependents.addAll(standbys.get(unit));
        dependents.removeIf(other -> !before.containsEntry(other, unit));
        return dependents;
    }

    private static SortedSet<UnitName> reachable(UnitName from, Function<UnitName, Set<UnitName>> next) {
        var found = new TreeSet<UnitName>();
        var open = new ArrayDeque<>(List.of(from));
        while (!open.isEmpty()) {
            var unit = open.poll();
            if (found.add(unit)) {
                open.addAll(next.apply(unit));
            }
        }
        return found;
    }

    private static List<String> names(List<UnitName> circle, int from) {
        var names = new ArrayList<String>();
        for (int i = 0; i <= circle.size(); i++) {
            names.add(circle.get((from + i) % circle.size()).full());
        }
        return names;
    }
}
