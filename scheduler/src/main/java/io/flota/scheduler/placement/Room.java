package io.flota.scheduler.placement;

import io.flota.machine.Resources;
import io.flota.scheduler.cluster.RegisteredUnit;
import io.flota.unit.ByteSize;
import io.flota.unit.Reservation;
import io.flota.unit.UnitName;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Optional;

/// Which machines have the CPUs and the memory that units reserve. A newcomer finds room beside all who are there, be
/// it that they stay or have yet to leave. Who is there needs room only beside those whose place is certain, since
/// nobody comes without room for both: so nobody loses the place that it has, but on a machine that has become smaller,
/// or if it wants more than before.
///
/// Who reserves nothing fits everywhere. A machine that does not say what it has, has nothing.
final class Room {
    private static final long MILLIS = 1000;
    private static final String UNKNOWN = " (the machine does not say how much it has)";

    private final Draft draft;

    Room(Draft draft) {
        this.draft = draft;
    }

    /// Takes from the candidates where a newcomer finds no room. Looks at each of them, which takes no longer than a few
    /// additions for all but those that are somewhere or replace somebody, and at none if nothing is reserved.
    void narrow(BitSet candidates, RegisteredUnit unit) {
        narrow(candidates, unit, Reservations.of(unit));
    }

    /// The same for a unit with others that are to come with it.
    ///
    /// @param wanted what they reserve together
    void narrow(BitSet candidates, RegisteredUnit unit, Reservation wanted) {
        if (wanted.isNone()) {
            return;
        }
        boolean counted = isCounted(unit.name());
        for (int machine = candidates.nextSetBit(0); machine >= 0; machine = candidates.nextSetBit(machine + 1)) {
            boolean fits = wanted.fits(free(machine, reserved(machine)))
                    || counted && wanted.fits(free(machine, takenFrom(unit, machine)));
            candidates.set(machine, fits);
        }
    }

    /// Whether some of what is reserved may be the unit's own, or of those that make room for it.
    private boolean isCounted(UnitName unit) {
        return !draft.placementsOf(unit).isEmpty()
                || !draft.statesOf(unit).isEmpty()
                || !draft.dependence().replacedBy(unit).isEmpty();
    }

    /// By how much a newcomer does not fit; empty if it does.
    Optional<String> refusal(RegisteredUnit unit, int machine) {
        var wanted = Reservations.of(unit);
        return wanted.isNone() ? Optional.empty() : shortage(wanted, machine, takenFrom(unit, machine));
    }

    /// By how much a unit that is there does not fit; empty if it does.
    Optional<String> refusalToStay(RegisteredUnit unit, int machine) {
        var wanted = Reservations.of(unit);
        if (wanted.isNone()) {
            return Optional.empty();
        }
        var name = unit.name();
        var taken = draft.settled().reserved(machine).minus(draft.settled().reserved(name, machine));
        if (hasGrown(unit, machine)) {
            taken = taken.plus(draft.presumed().reserved(machine)).minus(draft.presumed().reserved(name, machine));
        }
        return shortage(wanted, machine, taken);
    }

    /// Whether a unit wants more than when it was placed there. Then those who were there first go before it.
    private boolean hasGrown(RegisteredUnit unit, int machine) {
        var placed = draft.placementsOf(unit.name()).get(draft.machines().id(machine));
        return placed != null && Reservations.of(unit).exceeds(draft.reservations().placed(placed));
    }

    /// What all on a machine have reserved of it together.
    Reservation reserved(int machine) {
        return draft.settled()
                .reserved(machine)
                .plus(draft.presumed().reserved(machine))
                .plus(draft.leaving().reserved(machine));
    }

    /// What is not for a unit: what the others have, but those that make room for it.
    private Reservation takenFrom(RegisteredUnit unit, int machine) {
        var name = unit.name();
        var taken = reserved(machine).minus(draft.settled().reserved(name, machine)).minus(passing(name, machine));
        for (var replaced : draft.dependence().replacedBy(name)) {
            taken = taken.minus(passing(replaced, machine));
        }
        return taken;
    }

    /// What a unit reserves of a machine where its place is not certain.
    private Reservation passing(UnitName unit, int machine) {
        return draft.presumed().reserved(unit, machine).plus(draft.leaving().reserved(unit, machine));
    }

    private Reservation free(int machine, Reservation taken) {
        return capacity(draft.machines().get(machine).resources()).minus(taken);
    }

    private static Reservation capacity(Resources has) {
        return new Reservation(has.cpus() * MILLIS, has.memoryBytes());
    }

    private Optional<String> shortage(Reservation wanted, int machine, Reservation taken) {
        var free = free(machine, taken);
        if (wanted.fits(free)) {
            return Optional.empty();
        }
        var has = draft.machines().get(machine).resources();
        var words = new ArrayList<String>();
        if (wanted.cpuMillis() > 0 && wanted.cpuMillis() > free.cpuMillis()) {
            words.add(Reservation.cores(wanted.cpuMillis()) + (wanted.cpuMillis() == MILLIS ? " CPU" : " CPUs")
                    + (has.cpus() == 0
                            ? UNKNOWN
                            : free(Reservation.cores(Math.max(0, free.cpuMillis())), Integer.toString(has.cpus()))));
        }
        if (wanted.memoryBytes() > 0 && wanted.memoryBytes() > free.memoryBytes()) {
            words.add(ByteSize.roundedUp(wanted.memoryBytes()) + " of memory"
                    + (has.memoryBytes() == 0 ? UNKNOWN : free(rounded(free.memoryBytes()), rounded(has.memoryBytes()))));
        }
        return Optional.of("needs " + String.join(" and ", words));
    }

    private static String rounded(long bytes) {
        return ByteSize.roundedDown(Math.max(0, bytes));
    }

    private static String free(String free, String all) {
        return " (free: " + free + " of " + all + ")";
    }
}
