package io.flota.scheduler.placement;

import io.flota.machine.MachineId;
import io.flota.registry.Fact.PlacementFact;
import io.flota.scheduler.cluster.RegisteredUnit;
import io.flota.scheduler.cluster.RegisteredUnit.Contents;
import io.flota.scheduler.cluster.RegisteredUnit.Readable;
import io.flota.unit.Reservation;
import io.flota.unit.UnitName;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/// What units reserve where they are. Who is to be there reserves what its file says now; who is to leave, what the
/// file says that it was placed or started with; and the larger of both who has not been decided on. A file that cannot
/// be read reserves nothing.
final class Reservations {
    private record Source(UnitName unit, String fileHash) {}

    private final Draft draft;
    private final Map<Source, Reservation> read = new LinkedHashMap<>();

    Reservations(Draft draft) {
        this.draft = draft;
    }

    static Reservation of(RegisteredUnit unit) {
        return read(unit.contents()).orElse(Reservation.NONE);
    }

    /// Of a unit that is to be on a machine. One whose file cannot be read stays as it was placed.
    Reservation staying(UnitName unit, MachineId machine) {
        return draft.unit(unit)
                .flatMap(registered -> read(registered.contents()))
                .or(() -> Optional.ofNullable(draft.placementsOf(unit).get(machine)).map(this::placed))
                .orElse(Reservation.NONE);
    }

    /// Of a unit that may stay or leave.
    Reservation presumed(PlacementFact placed) {
        var now = staying(placed.placement().unit(), placed.placement().machine());
        return now.max(placed(placed));
    }

    Reservation placed(PlacementFact placed) {
        return of(placed.placement().unit(), placed.placement().fileHash());
    }

    /// Of a unit with a file that may not be its own any more.
    Reservation of(UnitName unit, String fileHash) {
        return draft.unit(unit)
                .filter(registered -> registered.unit().fileHash().equals(fileHash))
                .flatMap(registered -> read(registered.contents()))
                .orElseGet(() -> read.computeIfAbsent(new Source(unit, fileHash), this::read));
    }

    private Reservation read(Source source) {
        return read(Contents.of(source.unit(), source.fileHash(), draft.cluster().files())).orElse(Reservation.NONE);
    }

    private static Optional<Reservation> read(Contents contents) {
        return contents instanceof Readable readable
                ? Optional.of(readable.rules().reservation())
                : Optional.empty();
    }
}
