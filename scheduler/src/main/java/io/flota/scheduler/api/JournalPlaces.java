package io.flota.scheduler.api;

import com.google.common.collect.ImmutableSortedMap;
import io.flota.api.v1.JournalRequest;
import io.flota.machine.MachineId;
import io.flota.scheduler.cluster.Cluster;
import io.flota.unit.UnitName;
import io.grpc.Status.Code;

/// Finds where the output of one unit is: on the machines that have it by the plan or by their own report.
final class JournalPlaces {
    private JournalPlaces() {}

    /// @return with the addresses of the agents
    static ImmutableSortedMap<JournalSource, String> of(Cluster cluster, JournalRequest request) throws RefusedException {
        var machines = UnitMachines.of(cluster, request.getUnit(), request.getMachineId());
        return places(cluster, new UnitName(request.getUnit()), machines);
    }

    /// Machines that are away are left out as long as there is another one to ask.
    private static ImmutableSortedMap<JournalSource, String> places(
            Cluster cluster, UnitName unit, Iterable<MachineId> machines)
            throws RefusedException {
        var places = ImmutableSortedMap.<JournalSource, String>naturalOrder();
        var problems = new Problems();
        for (var id : machines) {
            var machine = cluster.machines().get(id);
            if (machine == null) {
                problems.add(Code.UNAVAILABLE, "machine " + id.shortened() + " is away, and with it the journal of "
                        + unit + ": ask again when it is back");
            } else if (machine.agentAddress().isEmpty()) {
                problems.add(Code.UNAVAILABLE, "the agent of machine " + id.shortened() + " serves no journals");
            } else {
                places.put(new JournalSource(unit, id), machine.agentAddress());
            }
        }
        var found = places.buildOrThrow();
        if (found.isEmpty()) {
            problems.refuseIfAny();
        }
        return found;
    }
}
