package io.flota.unitctl.fleet;

import java.util.List;

/// All that fleet tells of a cluster.
///
/// @param poisoned names of units that run, or did, and that fleet cannot show any more
public record FleetCluster(List<FleetUnit> units, List<FleetMachine> machines, List<String> poisoned) {
    public FleetCluster {
        units = List.copyOf(units);
        machines = List.copyOf(machines);
        poisoned = List.copyOf(poisoned);
    }
}
