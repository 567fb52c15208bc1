package io.flota.simulation;

import io.flota.machine.MachineId;
import io.flota.unit.DesiredState;
import io.flota.unit.Placement;
import io.flota.unit.Standby;
import io.flota.unit.UnitName;
import io.flota.unit.UnitState;
import java.time.Duration;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;

/// Units that stand by for others: none is put to rest before its primary has been well for as long as its file says,
/// by what machines have told etcd.
final class StandIns {
    /// What a leader knows is older than what etcd holds, by as much as it may go on for without its lease.
    private static final Duration VIEW = Duration.ofSeconds(15);
    /// Clocks go faster by so much: the drifts of two of them.
    private static final double DRIFT = 0.98;

    /// @param until when it was no longer well; empty: it is
    private record Spell(Duration since, Optional<Duration> until) {}

    private final Consumer<String> breach;
    private final TreeMap<UnitName, TreeMap<MachineId, UnitState>> well = new TreeMap<>();
    private final TreeMap<UnitName, Spell> spells = new TreeMap<>();
    /// Where units are placed to be started.
    private final TreeMap<UnitName, TreeSet<MachineId>> launched = new TreeMap<>();

    StandIns(Consumer<String> breach) {
        this.breach = breach;
    }

    void told(MachineId machine, UnitName unit, Optional<UnitState> state, Duration now) {
        var copies = well.computeIfAbsent(unit, _ -> new TreeMap<>());
        state.filter(UnitState::isWell).ifPresentOrElse(it -> copies.put(machine, it), () -> copies.remove(machine));
        var spell = Optional.ofNullable(spells.get(unit));
        if (!copies.isEmpty() && spell.filter(it -> it.until().isEmpty()).isEmpty()) {
            spells.put(unit, new Spell(now, Optional.empty()));
        } else if (copies.isEmpty()) {
            spell.filter(it -> it.until().isEmpty())
                    .ifPresent(it -> spells.put(unit, new Spell(it.since(), Optional.of(now))));
        }
    }

    /// A unit that is wanted launched is placed to be loaded only.
    void rests(UnitName unit, Optional<Standby> standby, Duration now) {
        if (standby.isEmpty()) {
            breach.accept(unit + " is placed to be LOADED, and wanted is LAUNCHED");
        } else {
            mustBeWell(unit, standby.get().primary(), Duration.ZERO, now);
        }
    }

    private void mustBeWell(UnitName unit, UnitName primary, Duration hold, Duration now) {
        boolean held = Optional.ofNullable(spells.get(primary))
                .filter(spell -> spell.until().filter(until -> until.plus(VIEW).compareTo(now) < 0).isEmpty())
                .filter(spell -> now.minus(spell.since()).compareTo(hold) >= 0)
                .isPresent();
        if (!held) {
            breach.accept(unit + " is put to rest, and " + primary + " has not been well for " + hold);
        }
    }

    /// @param standby what a unit that is placed to be loaded stands by for
    void placed(Placement placement, Optional<Standby> standby, Duration now) {
        var machines = launched.computeIfAbsent(placement.unit(), _ -> new TreeSet<>());
        boolean ran = !machines.isEmpty();
        if (placement.target() == DesiredState.LAUNCHED) {
            machines.add(placement.machine());
        } else {
            machines.remove(placement.machine());
        }
        if (ran && placement.target() == DesiredState.LOADED) {
            standby.ifPresent(it -> mustBeWell(
                    placement.unit(), it.primary(), Duration.ofMillis((long) (it.hold().toMillis() * DRIFT)), now));
        }
    }

    void removed(MachineId machine, UnitName unit) {
        launched.computeIfAbsent(unit, _ -> new TreeSet<>()).remove(machine);
    }
}
