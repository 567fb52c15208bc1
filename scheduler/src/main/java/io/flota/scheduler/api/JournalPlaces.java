package io.flota.scheduler.api;

import com.google.common.collect.ImmutableList;
import io.flota.api.v1.JournalRequest;
import io.flota.machine.MachineId;
import io.flota.scheduler.api.Agents.Place;
import io.flota.scheduler.cluster.Cluster;
import io.flota.unit.UnitName;
import io.grpc.Status.Code;

/// Finds where the output of a unit is: on the machines that have it by the plan or by their own report.
final class JournalPlaces {
    private JournalPlaces() {}

    static ImmutableList<Place> of(Cluster cluster, JournalRequest request) throws RefusedException {
        var machines = UnitMachines.of(cluster, request.getUnit(), request.getMachineId());
        return places(cluster, new UnitName(request.getUnit()), machines);
    }

    /// Machines that are away are left out as long as there is another one to ask.
    private static ImmutableList<Place> places(Cluster cluster, UnitName unit, Iterable<MachineId> machines)
            throws RefusedException {
        var places = ImmutableList.<Place>builder();
        var problems = new Problems();
        for (var id : machines) {
            var machine = cluster.machines().get(id);
            if (machine == null) {
                problems.add(Code.UNAVAILABLE, "machine " + id.shortened() + " is away, and with it the journal of "
                        + unit + ": ask again when it is back");
            } else if (machine.agentAddress().isEmpty()) {
                problems.add(Code.UNAVAILABLE, "the agent of machine " + id.shortened() + " serves no journals");
            } else {
                places.add(new Place(id, machine.agentAddress()));
            }
        }
        var found = places.build();
        if (found.isEmpty()) {
            problems.refuseIfAny();
        }
        return found;
    }
}
