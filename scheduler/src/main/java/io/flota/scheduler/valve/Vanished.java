package io.flota.scheduler.valve;

import com.google.common.collect.ImmutableSortedSet;
import io.flota.machine.MachineId;
import java.time.Duration;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;

/// Which machines were lost lately, as one scheduler has seen it.
///
/// Who looks for the first time does not know who was there before: machines that are away and whose units would be
/// moved count as lost just then. Others that are away have nothing to lose.
final class Vanished {
    /// Losses nearer together than this are counted together. Machines that a partition cuts off lose their leases
    /// within one time to live of each other, which is 5 s unless set and hardly ever more than a minute. Were it
    /// much longer, machines that die one by one, each failed over in its time, would add up.
    static final Duration TOGETHER = Duration.ofSeconds(60);

    private final TreeMap<MachineId, Long> lostAtNanos = new TreeMap<>();
    private final TreeSet<MachineId> present = new TreeSet<>();

    /// @param presentNow the machines that are there
    /// @param hasLeft whether an absent one is away because an operator wants it
    void look(SortedSet<MachineId> presentNow, Predicate<MachineId> hasLeft, long nowNanos) {
        present.removeAll(presentNow);
        present.removeIf(hasLeft);
        present.forEach(machine -> lostAtNanos.put(machine, nowNanos));
        present.clear();
        present.addAll(presentNow);
        lostAtNanos.keySet().removeAll(presentNow);
        lostAtNanos.values().removeIf(lostAt -> nowNanos - lostAt >= TOGETHER.toNanos());
    }

    /// Takes machines for lost that were never seen.
    void begin(SortedSet<MachineId> losing, long nowNanos) {
        losing.forEach(machine -> lostAtNanos.put(machine, nowNanos));
    }

    /// As of the last look.
    ImmutableSortedSet<MachineId> lately() {
        return ImmutableSortedSet.copyOfSorted(lostAtNanos.navigableKeySet());
    }
}
