package io.flota.scheduler.placement;

import io.flota.machine.MachineId;
import io.flota.scheduler.cluster.RegisteredUnit;
import io.flota.scheduler.placement.Decision.Dismiss;
import io.flota.unit.DesiredState;
import io.flota.unit.PartitionRules.OnReconnect;
import io.flota.unit.UnitName;
import io.flota.unit.UnitState;
import java.time.Instant;
import java.util.Comparator;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/// Copies of an ordinary unit that run where it is not placed and ask to stay (`OnReconnect=oldest`): their machine
/// was cut off, and the unit may have been started elsewhere meanwhile. At most one stays, the one that has run
/// longest; each other one is told to stop.
///
/// | the unit | the copy |
/// |---|---|
/// | not wanted, or without readable rules, or exclusive | stops |
/// | wanted, and may not be started on the machine of the copy | stops |
/// | has a place that fits, and the copy is of its present file and generation | stays; the other one is released first |
/// | has a place that fits, and has changed since | stops |
/// | has no place, or a lost one, or one that does not fit | stays, and takes what has changed |
final class Returned {
    private final RegisteredUnit unit;
    private final Draft draft;

    Returned(RegisteredUnit unit, Draft draft) {
        this.unit = unit;
        this.draft = draft;
    }

    /// All copies of a unit that ask are told to stop.
    static void dismissAll(UnitName unit, String reason, Draft draft) {
        asking(unit, draft).forEach(copy -> draft.add(new Dismiss(unit, copy.getKey(), copy.getValue(), reason)));
    }

    /// Chooses the copy that stays, and tells the others to stop.
    ///
    /// @param settled whether the unit has a place that fits
    Optional<MachineId> choose(boolean settled) {
        var oldest = asking(unit.name(), draft)
                .filter(copy -> refusal(copy, settled).isEmpty())
                .min(Comparator.<Map.Entry<MachineId, UnitState>, Instant>comparing(
                                copy -> copy.getValue().since())
                        .thenComparing(Map.Entry::getKey))
                .map(Map.Entry::getKey);
        asking(unit.name(), draft)
                .filter(copy -> !oldest.equals(Optional.of(copy.getKey())))
                .forEach(copy -> draft.add(new Dismiss(
                        unit.name(),
                        copy.getKey(),
                        copy.getValue(),
                        refusal(copy, settled).orElse("another copy has run longer"))));
        return oldest;
    }

    /// Whether a copy is what the unit is to be, so that it starts nothing to place it where it is.
    boolean isAsWanted(MachineId machine) {
        var copy = draft.statesOf(unit.name()).get(machine);
        var wanted = unit.unit();
        return copy.fileHash().equals(wanted.fileHash())
                && copy.generation() == wanted.generation()
                && wanted.desired() == DesiredState.LAUNCHED;
    }

    private Optional<String> refusal(Map.Entry<MachineId, UnitState> copy, boolean settled) {
        if (unit.isExclusive()) {
            return Optional.of("its new unit file makes it exclusive");
        }
        if (draft.dependence().circle(unit.name()).isPresent()) {
            return Optional.of("MachineOf goes round in a circle");
        }
        boolean oldest = Draft.rules(unit).partition().onReconnect() == OnReconnect.OLDEST;
        if (settled && !(oldest && isAsWanted(copy.getKey()))) {
            return Optional.of("it was started elsewhere meanwhile, and has changed since");
        }
        int machine = draft.machines().number(copy.getKey()).orElseThrow();
        return Rule.refusalOfCopy(unit, machine, draft);
    }

    private static Stream<Map.Entry<MachineId, UnitState>> asking(UnitName unit, Draft draft) {
        return draft.statesOf(unit).entrySet().stream()
                .filter(copy -> isAsking(unit, copy.getKey(), draft));
    }

    /// Whether a copy on a machine asks to stay, and has had no answer yet.
    static boolean isAsking(UnitName unit, MachineId machine, Draft draft) {
        return Optional.ofNullable(draft.statesOf(unit).get(machine)).filter(UnitState::asksToStay).isPresent()
                && draft.machines().number(machine).isPresent()
                && !draft.placementsOf(unit).containsKey(machine);
    }
}
