package io.flota.scheduler.placement;

import io.flota.registry.Fact.PlacementFact;
import io.flota.scheduler.cluster.RegisteredUnit;
import io.flota.scheduler.placement.Decision.Update;
import java.util.Optional;

/// Brings a placement that stays where it is up to date with its unit.
final class Refresh {
    private Refresh() {}

    /// Empty if it is.
    static Optional<Decision> of(RegisteredUnit unit, PlacementFact placed, Draft draft) {
        var wanted = unit.unit();
        var placement = placed.placement();
        if (!placement.fileHash().equals(wanted.fileHash())) {
            return Optional.of(new Update(unit, placed, "new unit file"));
        }
        if (Draft.isReleasing(placed)) {
            return Optional.of(new Update(unit, placed, "fits here again"));
        }
        if (placement.target() != wanted.desired()) {
            var why = draft.standbys().words(unit).orElse("desired state " + wanted.desired().word());
            return Optional.of(new Update(unit, placed, why));
        }
        if (placement.generation() != wanted.generation()) {
            return Optional.of(new Update(unit, placed, "restart asked for"));
        }
        if (!placement.properties().equals(wanted.properties())) {
            return Optional.of(new Update(unit, placed, wanted.properties().isEmpty()
                    ? "the properties of its file"
                    : "properties " + wanted.properties()));
        }
        return Optional.empty();
    }
}
