package io.flota.scheduler.valve;

import com.google.common.collect.ImmutableSortedSet;
import com.google.common.collect.Sets;
import io.flota.machine.MachineId;
import io.flota.registry.Fact.ValveFact;
import io.flota.registry.Valve;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.Predicate;

/// What to make of machines that vanished, with the valve as it stands.
public sealed interface Verdict {
    /// Nothing stands against moving units of lost machines.
    record Move() implements Verdict {}

    /// So few machines are known to be well that more might be about to vanish: who is late has to be asked for.
    ///
    /// @param lost lately
    record Ask(ImmutableSortedSet<MachineId> lost) implements Verdict {}

    /// Too many are lost: the valve closes, or stays closed and says who is away now.
    record Close(Valve valve) implements Verdict {}

    /// The valve stays closed as it is.
    record Hold() implements Verdict {}

    /// Enough machines are back: the valve opens once it has been so for a while, at once if all are.
    record Open(ValveFact valve, boolean all) implements Verdict {}

    /// The valve was released, and those for which it was are not missed any more.
    record Forget(ValveFact valve) implements Verdict {}

    /// The valve was released, and of those for which it was only these are still missed: should others of them vanish
    /// again, they count.
    record Narrow(Valve valve) implements Verdict {}

    /// The machines as the valve sees them.
    ///
    /// @param present those that are there
    /// @param lately those that vanished lately
    /// @param missed those that are away and have placements
    /// @param cleared those of which it is known that they vanished for themselves
    /// @param hasLeft whether an absent one is away because an operator wants it
    record Sight(
            SortedSet<MachineId> present,
            SortedSet<MachineId> lately,
            SortedSet<MachineId> missed,
            SortedSet<MachineId> cleared,
            Predicate<MachineId> hasLeft) {}

    /// @param valve as it stands; empty if it is open
    /// @param wall what the calendar says
    static Verdict of(Optional<ValveFact> valve, Sight sight, Share share, Instant wall) {
        if (valve.isEmpty()) {
            return ofOpen(sight, sight.lately(), share, wall);
        }
        var closed = valve.get();
        if (share.equals(Share.OFF)) {
            return new Forget(closed);
        }
        return closed.valve().released()
                ? ofReleased(closed, sight, share, wall)
                : ofClosed(closed, sight, share);
    }

    /// Of a release that names machines which are there; empty if it names none.
    static Optional<Verdict> ofReturned(ValveFact valve, Set<MachineId> present) {
        var released = valve.valve();
        var still = ImmutableSortedSet.copyOf(Sets.difference(released.lost(), present));
        return released.released() && still.size() < released.lost().size()
                ? Optional.of(narrowed(valve, still))
                : Optional.empty();
    }

    private static Verdict narrowed(ValveFact valve, ImmutableSortedSet<MachineId> still) {
        var released = valve.valve();
        return still.isEmpty()
                ? new Forget(valve)
                : new Narrow(new Valve(released.closedSince(), still, released.machines(), true, released.unread()));
    }

    private static Verdict ofOpen(Sight sight, SortedSet<MachineId> lost, Share share, Instant wall) {
        int machines = sight.present().size() + lost.size();
        if (share.isExceededBy(lost.size(), machines)) {
            return new Close(new Valve(wall, ImmutableSortedSet.copyOf(lost), machines, false));
        }
        boolean all = share.isExceededBy(machines, machines);
        return !all || sight.cleared().containsAll(lost) ? new Move() : new Ask(ImmutableSortedSet.copyOf(lost));
    }

    /// Those for which it was released are lost. Others that vanish are counted without them.
    private static Verdict ofReleased(ValveFact valve, Sight sight, Share share, Instant wall) {
        var released = valve.valve();
        var still = released.lost().stream()
                .filter(machine ->
                        sight.lately().contains(machine) || sight.missed().contains(machine))
                .collect(ImmutableSortedSet.toImmutableSortedSet(MachineId::compareTo));
        var others = new TreeSet<>(sight.lately());
        others.removeAll(still);
        var verdict = ofOpen(sight, others, share, wall);
        if (verdict instanceof Close || still.equals(released.lost())) {
            return verdict;
        }
        return narrowed(valve, still);
    }

    private static Verdict ofClosed(ValveFact valve, Sight sight, Share share) {
        var before = valve.valve();
        var away = new TreeSet<>(before.lost());
        away.addAll(sight.lately());
        away.removeAll(sight.present());
        away.removeIf(sight.hasLeft());
        int machines = Math.max(before.machines(), sight.present().size() + away.size());
        if (!share.isExceededBy(away.size(), machines)) {
            return new Open(valve, away.isEmpty());
        }
        var now = new Valve(
                before.closedSince(), ImmutableSortedSet.copyOf(away), machines, false, before.unread());
        return now.equals(before) ? new Hold() : new Close(now);
    }
}
