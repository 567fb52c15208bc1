package io.flota.scheduler.placement;

import io.flota.scheduler.cluster.Cluster;
import io.flota.scheduler.cluster.RegisteredUnit;
import io.flota.scheduler.placement.Decision.GiveUp;
import io.flota.scheduler.placement.Decision.Move;
import io.flota.scheduler.placement.Decision.Place;
import io.flota.scheduler.placement.Decision.Update;
import io.flota.scheduler.placement.Decision.Wait;
import io.flota.unit.DesiredState;
import io.flota.unit.UnitName;
import java.util.List;
import java.util.Optional;

/// What a plan makes of units that stand by for others.
///
/// @param breaches where it tells every promise that is broken
record StandbyCheck(Cluster cluster, List<String> breaches) {
    /// Whatever is written wants a unit as it is to be, and nothing stays placed otherwise.
    void check(Plan plan) {
        for (var decision : plan.decisions()) {
            changed(decision).ifPresent(unit -> breachIf(
                    unit.unit().desired() != target(cluster.units().get(unit.name())),
                    "wants " + unit.unit().desired() + " of " + unit.name() + ": " + decision));
        }
        cluster.units().values().stream()
                .filter(unit -> isStandby(unit) && !unit.name().isTemplate())
                .forEach(unit -> stays(unit, plan));
    }

    private static Optional<RegisteredUnit> changed(Decision decision) {
        return switch (decision) {
            case Place(var unit, _, _) -> Optional.of(unit);
            case Move(var unit, _, _, _) -> Optional.of(unit);
            case Update(var unit, _, _) -> Optional.of(unit);
            case GiveUp(var unit, _, _, _, _) -> Optional.of(unit);
            default -> Optional.empty();
        };
    }

    private void stays(RegisteredUnit unit, Plan plan) {
        boolean touched = plan.decisions().stream()
                .anyMatch(decision -> decision.name().equals(unit.name()) && !(decision instanceof Wait));
        boolean circle = isInCircle(unit);
        // One that may be up in two places, and must not, is left as it is for now.
        boolean held = unit.isExclusive() || touched || circle;
        cluster.placementsOf(unit.name()).values().forEach(placed -> {
            var found = placed.placement().target();
            breachIf(
                    !held && cluster.machines().containsKey(placed.placement().machine())
                            && found != DesiredState.INACTIVE && found != target(unit),
                    unit.name() + " stays " + found + " while its primary is"
                            + (isWell(unit) ? "" : " not") + " well");
        });
    }

    private DesiredState target(RegisteredUnit unit) {
        if (!isStandby(unit) || isInCircle(unit)) {
            return unit.unit().desired();
        }
        boolean runs = cluster.placementsOf(unit.name()).values().stream()
                .anyMatch(placed -> placed.placement().target() == DesiredState.LAUNCHED);
        var standby = unit.standby().orElseThrow();
        var wellFor = cluster.wellFor().get(counted(unit));
        boolean longEnough = wellFor != null && wellFor.compareTo(standby.hold()) >= 0;
        return isWell(unit) && (longEnough || !runs) ? DesiredState.LOADED : DesiredState.LAUNCHED;
    }

    /// The first one on the way that is not at rest for the sake of the next.
    private UnitName counted(RegisteredUnit unit) {
        var primary = unit.standby().orElseThrow().primary();
        return Optional.ofNullable(cluster.units().get(primary))
                .filter(other -> isStandby(other) && !isInCircle(other) && target(other) == DesiredState.LOADED)
                .map(this::counted)
                .orElse(primary);
    }

    /// So many steps lead back to where they began, or nowhere.
    private boolean isInCircle(RegisteredUnit unit) {
        var at = Optional.of(unit);
        for (int step = 0; step < cluster.units().size() && at.isPresent(); step++) {
            at = at.get().standby().map(standby -> cluster.units().get(standby.primary()));
            if (at.filter(other -> other.name().equals(unit.name())).isPresent()) {
                return true;
            }
        }
        return false;
    }

    private boolean isWell(RegisteredUnit unit) {
        return cluster.statesOf(counted(unit)).entrySet().stream()
                .anyMatch(report -> cluster.machines().containsKey(report.getKey())
                        && List.of("active", "reloading").contains(report.getValue().active())
                        && List.of("", "healthy").contains(report.getValue().health().status()));
    }

    private static boolean isStandby(RegisteredUnit unit) {
        return unit.unit().desired() == DesiredState.LAUNCHED && unit.standby().isPresent();
    }

    private void breachIf(boolean breach, String words) {
        if (breach) {
            breaches.add(words);
        }
    }
}
