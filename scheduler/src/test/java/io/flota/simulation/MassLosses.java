package io.flota.simulation;

import io.flota.machine.Machine;
import io.flota.machine.MachineId;
import io.flota.registry.Codec;
import io.flota.registry.Fact.PlacementFact;
import io.flota.registry.Key;
import io.flota.registry.Keys;
import io.flota.registry.Valve;
import io.flota.store.Entry;
import io.flota.store.Transaction;
import io.flota.unit.DesiredState;
import io.flota.unit.Placement;
import io.flota.unit.UnitName;
import java.time.Duration;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.function.Predicate;

/// When most machines vanish at once, their units stay theirs: one whose lease has ended is not acted upon before most of
/// the others have renewed theirs since. Whom an operator says to be lost is, until it is back; and who left on purpose
/// is not missed.
final class MassLosses {
    /// Shorter than a lease takes to end after a renewal that is not late.
    private static final Duration AT_ONCE = Duration.ofMillis(700);
    /// A leader that was there before, and knows who was.
    private static final Duration KNOWS = Duration.ofSeconds(10);

    /// Of the life of a lease that has ended: who was cut off before it should have been renewed once more has not
    /// renewed another one later than so long before the end.
    private static final double SILENT = 0.65;

    /// @param lease whose end it was
    private record Loss(Duration at, Duration lease) {
        Duration silentSince() {
            return at.minusMillis((long) (SILENT * lease.toMillis()));
        }
    }

    private final int machines;
    private final Consumer<String> breach;
    private final Codec codec = new Codec(Keys.DEFAULT);
    private final TreeMap<MachineId, Loss> absent = new TreeMap<>();
    private final TreeMap<MachineId, Machine> present = new TreeMap<>();
    private final TreeMap<MachineId, Duration> presentSince = new TreeMap<>();
    private final TreeMap<MachineId, Duration> renewed = new TreeMap<>();
    private final TreeSet<MachineId> released = new TreeSet<>();
    private final TreeSet<MachineId> drained = new TreeSet<>();
    /// Keys of placements of units that are not to run where they are: going elsewhere, they leave nothing behind.
    private final TreeSet<String> resting = new TreeSet<>();

    /// @param machines that the cluster has
    MassLosses(int machines, Consumer<String> breach) {
        this.machines = machines;
        this.breach = breach;
    }

    /// @param leaves whether it does so on purpose, or has nothing to lose
    /// @param empty whether it was drained: nothing that is placed is lost with it
    void lost(MachineId machine, boolean leaves, boolean empty, Duration at) {
        var was = Optional.ofNullable(present.remove(machine));
        if (!leaves && !empty) {
            absent.put(machine, new Loss(at, was.map(Machine::lease).orElse(Duration.ZERO)));
        }
        if (at.minus(presentSince.getOrDefault(machine, at)).compareTo(KNOWS) >= 0) {
            released.remove(machine);
        }
        if (empty) {
            drained.add(machine);
        }
    }

    void registered(Machine machine, Duration at) {
        absent.remove(machine.id());
        drained.remove(machine.id());
        if (present.put(machine.id(), machine) == null) {
            presentSince.put(machine.id(), at);
        }
    }

    void renewed(MachineId machine, Duration at) {
        renewed.put(machine, at);
    }

    /// @param draining whether a machine still is
    void stands(Valve valve, Predicate<MachineId> draining, Duration at) {
        released.clear();
        if (valve.released()) {
            released.addAll(valve.lost());
            // Who is back by now is yet to be seen by a leader.
            valve.lost().forEach(machine -> presentSince.computeIfPresent(machine, (_, _) -> at));
        } else {
            valve.lost().stream().filter(drained::contains).filter(draining).forEach(machine ->
                    breach.accept("the valve is closed because of " + machine.shortened() + ", which was drained"));
        }
    }

    /// @param since when the leader that wrote it had read the cluster first
    void committed(Transaction transaction, Duration since) {
        var started = new TreeSet<UnitName>();
        for (var write : transaction.writes()) {
            placement(write)
                    .filter(placement -> placement.target() != DesiredState.INACTIVE)
                    .ifPresent(placement -> started.add(placement.unit()));
        }
        for (var write : transaction.writes()) {
            if (write instanceof Transaction.Delete(var key)
                    && Keys.DEFAULT.parse(key).orElse(null) instanceof Key.PlacementKey(var machine, var unit)
                    && started.contains(unit)
                    && !resting.contains(key)) {
                moved(unit, machine, since);
            }
        }
        for (var write : transaction.writes()) {
            resting.remove(write.key());
            placement(write)
                    .filter(placement -> placement.target() == DesiredState.INACTIVE)
                    .ifPresent(_ -> resting.add(write.key()));
        }
    }

    private Optional<Placement> placement(Transaction.Write write) {
        return write instanceof Transaction.Put(var key, var value, long lease)
                        && codec.decode(new Entry(key, value, 1, 1, lease)).orElse(null)
                                instanceof PlacementFact(var placement, var _)
                ? Optional.of(placement)
                : Optional.empty();
    }

    private void moved(UnitName unit, MachineId from, Duration since) {
        var known = Optional.ofNullable(absent.get(from))
                .filter(_ -> !released.contains(from))
                .filter(loss -> loss.at().compareTo(since.plus(KNOWS)) > 0);
        known.ifPresent(loss -> {
            long together = absent.entrySet().stream()
                    .filter(other -> !released.contains(other.getKey()))
                    .filter(other -> other.getValue().at().minus(loss.at()).abs().compareTo(AT_ONCE) <= 0)
                    .count();
            long silent = present.keySet().stream()
                    .filter(other -> renewed.getOrDefault(other, Duration.ZERO).compareTo(loss.silentSince()) < 0)
                    .count();
            if (2 * (together + silent) > machines) {
                breach.accept(unit + " was moved from " + from.shortened() + ", which vanished together with most of the "
                        + machines + " machines");
            }
        });
    }
}
