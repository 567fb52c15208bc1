package io.flota.simulation;

import io.flota.machine.MachineId;
import io.flota.registry.Codec;
import io.flota.registry.Fact.PlacementFact;
import io.flota.registry.Key;
import io.flota.registry.Keys;
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

/// When most machines vanish at once, their units stay theirs.
final class MassLosses {
    /// Shorter than a lease takes to end after a renewal that is not late.
    private static final Duration AT_ONCE = Duration.ofMillis(700);
    /// A leader that was there before, and knows who was.
    private static final Duration KNOWS = Duration.ofSeconds(10);

    private final int machines;
    private final Consumer<String> breach;
    private final Codec codec = new Codec(Keys.DEFAULT);
    private final TreeMap<MachineId, Duration> absent = new TreeMap<>();
    /// Keys of placements of units that are not to run where they are: going elsewhere, they leave nothing behind.
    private final TreeSet<String> resting = new TreeSet<>();

    /// @param machines that the cluster has
    MassLosses(int machines, Consumer<String> breach) {
        this.machines = machines;
        this.breach = breach;
    }

    /// @param leaves whether it does so on purpose, or has nothing to lose
    void lost(MachineId machine, boolean leaves, Duration at) {
        if (!leaves) {
            absent.put(machine, at);
        }
    }

    void returned(MachineId machine) {
        absent.remove(machine);
    }

    /// @param since when the leader that wrote it was started
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
        var lostAt = Optional.ofNullable(absent.get(from)).filter(at -> at.compareTo(since.plus(KNOWS)) > 0);
        lostAt.ifPresent(at -> {
            long together = absent.values().stream()
                    .filter(other -> other.minus(at).abs().compareTo(AT_ONCE) <= 0)
                    .count();
            if (2 * together > machines) {
                breach.accept(unit + " was moved from " + from.shortened() + ", which vanished together with most of the "
                        + machines + " machines");
            }
        });
    }
}
