package io.flota.scheduler.placement;

import io.flota.scheduler.cluster.RegisteredUnit;
import io.flota.unit.UnitName;
import java.util.ArrayDeque;
import java.util.BitSet;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.IntUnaryOperator;

/// Chooses among the machines that fit a unit: the one that carries least, of several the one with the smallest id.
/// Before that, machines are preferred
/// - where the unit has failed least of late;
/// - where a unit that it replaces is being released for no other reason, so that nobody makes room in vain;
/// - on which the units that follow it fit too, so that nobody is left behind without need;
/// - for a newcomer, which have a unit that it replaces; for a unit that has to move, which have none.
final class Choice {
    private Choice() {}

    /// @param candidates the machines that fit, at least one
    /// @param newcomer whether the unit had no place before
    static int of(RegisteredUnit unit, BitSet candidates, boolean newcomer, Draft draft) {
        var choice = (BitSet) candidates.clone();
        var hosts = new BitSet();
        var madeRoom = new BitSet();
        for (var replaced : draft.dependence().replacedBy(unit.name())) {
            var other = draft.unit(replaced).orElseThrow();
            for (var placed : draft.placementsOf(replaced).values()) {
                draft.number(placed).ifPresent(hosts::set);
                draft.number(placed).stream()
                        .filter(_ -> Draft.isReleasing(placed))
                        .filter(machine -> Rule.refusalToKeep(other, placed, machine, draft).isEmpty())
                        .forEach(madeRoom::set);
            }
        }
        prefer(choice, leastFailed(unit, choice, draft));
        prefer(choice, madeRoom);
        var followers = followers(unit.name(), draft);
        if (!followers.isEmpty()) {
            prefer(choice, withRoomForAll(unit, followers, choice, draft));
        }
        for (var follower : followers) {
            prefer(choice, Rule.outlook(draft.unit(follower).orElseThrow(), draft));
        }
        if (!newcomer) {
            hosts.flip(0, draft.machines().count());
        }
        prefer(choice, hosts);
        return draft.leastLoaded(choice);
    }

    private static BitSet leastFailed(RegisteredUnit unit, BitSet choice, Draft draft) {
        var least = new BitSet();
        if (draft.setbacks().isAny(unit)) {
            IntUnaryOperator count = machine -> draft.setbacks().count(unit, draft.machines().id(machine));
            int fewest = choice.stream().map(count).min().orElse(0);
            choice.stream().filter(machine -> count.applyAsInt(machine) == fewest).forEach(least::set);
        }
        return least;
    }

    /// Where there is room for the unit and for all that follow it and have no place yet.
    private static BitSet withRoomForAll(
            RegisteredUnit unit, SortedSet<UnitName> followers, BitSet choice, Draft draft) {
        var together = Reservations.of(unit);
        for (var follower : followers) {
            if (draft.placesOf(follower).isEmpty()) {
                together = together.plus(Reservations.of(draft.unit(follower).orElseThrow()));
            }
        }
        var roomy = (BitSet) choice.clone();
        draft.room().narrow(roomy, unit, together);
        return roomy;
    }

    private static void prefer(BitSet choice, BitSet preferred) {
        if (choice.intersects(preferred)) {
            choice.and(preferred);
        }
    }

    /// All that follow a unit, directly or not.
    private static TreeSet<UnitName> followers(UnitName unit, Draft draft) {
        var found = new TreeSet<UnitName>();
        var open = new ArrayDeque<>(draft.dependence().followers(unit));
        while (!open.isEmpty()) {
            var next = open.poll();
            if (!next.equals(unit) && found.add(next)) {
                open.addAll(draft.dependence().followers(next));
            }
        }
        return found;
    }
}
