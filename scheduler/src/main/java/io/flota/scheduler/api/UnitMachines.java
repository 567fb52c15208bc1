package io.flota.scheduler.api;

import io.flota.machine.MachineId;
import io.flota.scheduler.cluster.Cluster;
import io.flota.unit.UnitName;
import io.grpc.Status.Code;
import java.util.TreeSet;

/// Finds the machines that have a unit, by the plan or by their own report.
final class UnitMachines {
    private UnitMachines() {}

    /// @param name as a client sent it
    /// @param prefix of the machines' ids that are wanted; may be empty
    /// @return one machine at least
    static TreeSet<MachineId> of(Cluster cluster, String name, String prefix) throws RefusedException {
        var illegal = UnitName.problem(name);
        if (illegal.isPresent()) {
            throw new RefusedException(
                    Code.INVALID_ARGUMENT, Problems.printable("\"" + name + "\": " + illegal.get()));
        }
        var unit = new UnitName(name);
        var machines = new TreeSet<MachineId>();
        machines.addAll(cluster.placementsOf(unit).keySet());
        machines.addAll(cluster.statesOf(unit).keySet());
        if (machines.isEmpty() && !cluster.units().containsKey(unit)) {
            throw new RefusedException(Code.NOT_FOUND, "unit " + unit + " is not registered");
        }
        if (machines.isEmpty()) {
            throw new RefusedException(Code.FAILED_PRECONDITION, "unit " + unit + " is on no machine");
        }
        machines.removeIf(machine -> !machine.value().startsWith(prefix));
        if (machines.isEmpty()) {
            throw new RefusedException(
                    Code.NOT_FOUND,
                    Problems.printable("unit " + unit + " is on no machine whose id starts with \"" + prefix + "\""));
        }
        return machines;
    }
}
