package io.flota.agent.api;

import io.flota.agent.runtime.UnitRuntime;
import io.flota.api.v1.AgentGrpc;
import io.flota.api.v1.ExecReply;
import io.flota.api.v1.ExecRequest;
import io.flota.api.v1.JournalReply;
import io.flota.api.v1.JournalRequest;
import io.flota.api.v1.UsageReply;
import io.flota.api.v1.UsageRequest;
import io.flota.machine.MachineId;
import io.grpc.stub.StreamObserver;

/// What schedulers ask of an agent.
public final class AgentService extends AgentGrpc.AgentImplBase {
    private final JournalService journals;
    private final ExecService visits;

    /// @param exec whether operators may run something inside units
    public AgentService(MachineId machine, UnitRuntime runtime, boolean exec) {
        this.journals = new JournalService(machine, runtime);
        this.visits = new ExecService(machine, runtime, exec);
    }

    @Override
    public void journal(JournalRequest request, StreamObserver<JournalReply> observer) {
        journals.journal(request, observer);
    }

    @Override
    public void usage(UsageRequest request, StreamObserver<UsageReply> observer) {
        journals.usage(request, observer);
    }

    @Override
    public StreamObserver<ExecRequest> exec(StreamObserver<ExecReply> observer) {
        return visits.exec(observer);
    }
}
