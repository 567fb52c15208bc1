package io.flota.scheduler.api;

import io.flota.api.v1.ExecReply;
import io.flota.api.v1.ExecRequest;
import io.flota.api.v1.ExecStart;
import io.flota.machine.MachineId;
import io.flota.scheduler.api.Agents.Place;
import io.flota.scheduler.cluster.Cluster;
import io.grpc.Status;
import io.grpc.Status.Code;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.util.stream.Collectors;

/// Brings operators into units, on the machines that have them.
final class Visits {
    /// The cluster as it is now.
    interface View {
        Cluster now() throws RefusedException;
    }

    private final Agents agents;

    Visits(Agents agents) {
        this.agents = agents;
    }

    StreamObserver<ExecRequest> open(StreamObserver<ExecReply> observer, View view) {
        var client = (ServerCallStreamObserver<ExecReply>) observer;
        client.disableAutoRequest();
        client.request(1);
        var visit = new Visit(agents, client, start -> place(view.now(), start));
        client.setOnCancelHandler(visit::clientIsGone);
        client.setOnReadyHandler(visit::clientIsReady);
        return visit;
    }

    /// The one machine that has the unit: of several, one that is wanted has to be named.
    private static Place place(Cluster cluster, ExecStart start) throws RefusedException {
        var machines = UnitMachines.of(cluster, start.getUnit(), start.getMachineId());
        var here = machines.stream().filter(cluster.machines()::containsKey).toList();
        if (here.isEmpty()) {
            throw new RefusedException(Code.UNAVAILABLE, "machine " + machines.first().shortened()
                    + " is away, and with it unit " + start.getUnit());
        }
        if (here.size() > 1) {
            throw new RefusedException(Code.FAILED_PRECONDITION, "unit " + start.getUnit()
                    + " is on several machines, choose one with --machine: "
                    + here.stream().map(MachineId::shortened).collect(Collectors.joining(", ")));
        }
        var address = cluster.machines().get(here.getFirst()).agentAddress();
        if (address.isEmpty()) {
            throw new RefusedException(
                    Code.UNAVAILABLE, "the agent of machine " + here.getFirst().shortened() + " cannot be called");
        }
        return new Place(here.getFirst(), address);
    }

    /// What an agent's answer means to the operator.
    ///
    /// @param wasHeard whether the agent had answered before
    static Status told(String unit, Place place, Status status, boolean wasHeard) {
        var code = status.getCode();
        if (code == Code.UNAVAILABLE) {
            var doing = wasHeard ? "lost " + place + " while something ran inside " : "cannot reach " + place + " to enter ";
            return code.toStatus().withDescription(doing + unit + ": " + Agents.reason(status));
        }
        if (code == Code.UNIMPLEMENTED) {
            return Status.FAILED_PRECONDITION.withDescription(
                    place + " has an agent that is too old to enter " + unit + ": upgrade it");
        }
        return code.toStatus().withDescription(Problems.printable(Agents.reason(status)));
    }
}
