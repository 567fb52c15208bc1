package io.flota.scheduler.valve;

import com.google.common.collect.ImmutableSortedSet;
import io.flota.machine.MachineId;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeMap;
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

    /// @param lease of which it was the end; zero if that is not known
    private record Loss(long atNanos, Duration lease) {}

    private final TreeMap<MachineId, Loss> losses = new TreeMap<>();
    private final TreeMap<MachineId, Duration> present = new TreeMap<>();

    /// @param presentNow the leases of the machines that are there
    /// @param hasLeft whether an absent one is away because an operator wants it
    void look(Map<MachineId, Duration> presentNow, Predicate<MachineId> hasLeft, long nowNanos) {
        present.keySet().removeAll(presentNow.keySet());
        present.keySet().removeIf(hasLeft);
        present.forEach((machine, lease) -> losses.put(machine, new Loss(nowNanos, lease)));
        present.clear();
        present.putAll(presentNow);
        losses.keySet().removeAll(presentNow.keySet());
        losses.values().removeIf(loss -> nowNanos - loss.atNanos() >= TOGETHER.toNanos());
    }

    /// Takes machines for lost that were never seen.
    void begin(SortedSet<MachineId> losing, long nowNanos) {
        losing.forEach(machine -> losses.put(machine, new Loss(nowNanos, Duration.ZERO)));
    }

    /// As of the last look.
    ImmutableSortedSet<MachineId> lately() {
        return ImmutableSortedSet.copyOfSorted(losses.navigableKeySet());
    }

    /// The moment since which no machine has renewed its lease that vanished together with one of these.
    ///
    /// A machine that is lost renewed its lease last one time to live before, and would have renewed it again a third of
    /// that later, had it not vanished by then. Half of it leaves room for what is slow.
    ///
    /// @param lost of those that vanished [#lately], one at least
    long silentSinceNanos(Set<MachineId> lost) {
        return losses.entrySet().stream()
                .filter(loss -> lost.contains(loss.getKey()))
                .map(loss -> loss.getValue().atNanos() - loss.getValue().lease().toNanos() / 2)
                .reduce((one, other) -> one - other > 0 ? one : other)
                .orElseThrow();
    }
}
