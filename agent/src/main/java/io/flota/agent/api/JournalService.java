package io.flota.agent.api;

import com.google.common.collect.ImmutableList;
import io.flota.agent.runtime.RuntimeUnavailableException;
import io.flota.agent.runtime.UnitRuntime;
import io.flota.agent.runtime.UnitRuntime.JournalLine;
import io.flota.agent.runtime.UnitRuntime.JournalPart;
import io.flota.api.v1.JournalReply;
import io.flota.api.v1.JournalRequest;
import io.flota.api.v1.UnitDetails;
import io.flota.api.v1.UnitProcess;
import io.flota.api.v1.UnitUsage;
import io.flota.api.v1.UsageReply;
import io.flota.api.v1.UsageRequest;
import io.flota.machine.MachineId;
import io.flota.unit.UnitName;
import io.grpc.Context;
import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.concurrent.Semaphore;

/// Streams what a unit of this machine consists of and what it wrote, as fast as the client reads it and until the client leaves.
final class JournalService {
    private final MachineId machine;
    private final UnitRuntime runtime;

    JournalService(MachineId machine, UnitRuntime runtime) {
        this.machine = machine;
        this.runtime = runtime;
    }

    void journal(JournalRequest request, StreamObserver<JournalReply> observer) {
        var problem = UnitName.problem(request.getUnit());
        if (problem.isPresent()) {
            observer.onError(Status.INVALID_ARGUMENT.withDescription(problem.get()).asRuntimeException());
            return;
        }
        var call = (ServerCallStreamObserver<JournalReply>) observer;
        var ready = new Semaphore(0);
        // Not on this thread: gRPC tells of readiness and cancellation on it.
        var reader = Thread.ofVirtual()
                .name("journal of " + request.getUnit())
                .unstarted(() -> answer(request, call, ready));
        call.setOnReadyHandler(ready::release);
        call.setOnCancelHandler(reader::interrupt);
        reader.start();
    }

    /// What units use at this moment; those that are not known here are left out. Each costs the runtime some work,
    /// which is not done for a client that has left.
    void usage(UsageRequest request, StreamObserver<UsageReply> observer) {
        var call = Context.current(); // the observer itself is told of it on this thread, which is busy
        try {
            var reply = UsageReply.newBuilder();
            for (String name : request.getNamesList()) {
                if (call.isCancelled()) {
                    return;
                }
                if (UnitName.problem(name).isEmpty()) {
                    usage(new UnitName(name)).ifPresent(reply::addUnits);
                }
            }
            observer.onNext(reply.build());
            observer.onCompleted();
        } catch (RuntimeUnavailableException e) {
            observer.onError(Status.UNAVAILABLE.withDescription(e.getMessage()).withCause(e).asRuntimeException());
        }
    }

    private Optional<UnitUsage> usage(UnitName unit) throws RuntimeUnavailableException {
        return runtime.details(unit)
                .map(told -> UnitUsage.newBuilder()
                        .setUnit(unit.full())
                        .setMachineId(machine.value())
                        .setDetails(message(told).toBuilder().clearProcesses())
                        .setAtNanos(System.nanoTime())
                        .build());
    }

    private void answer(JournalRequest request, ServerCallStreamObserver<JournalReply> call, Semaphore ready) {
        var unit = new UnitName(request.getUnit());
        try {
            if (request.getDetails()) {
                var details = runtime.details(unit);
                details.ifPresent(told -> send(JournalReply.newBuilder().setDetails(message(told)), call, ready));
            }
            boolean known = runtime.journal(unit, part(request), lines -> send(lines, call, ready));
            if (call.isCancelled()) {
                return;
            }
            if (known) {
                call.onCompleted();
            } else {
                var message = "unit " + unit + " is not on machine " + machine.shortened();
                call.onError(Status.NOT_FOUND.withDescription(message).asRuntimeException());
            }
        } catch (RuntimeUnavailableException e) {
            call.onError(Status.UNAVAILABLE.withDescription(e.getMessage()).withCause(e).asRuntimeException());
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt(); // the client has left, or the agent ends
        }
    }

    private static JournalPart part(JournalRequest request) {
        var since = request.getSinceMicros() == 0
                ? Optional.<Instant>empty()
                : Optional.of(Instant.EPOCH.plus(request.getSinceMicros(), ChronoUnit.MICROS));
        return new JournalPart(request.getLines(), request.getFollow(), since);
    }

    private static UnitDetails message(io.flota.agent.runtime.UnitDetails told) {
        var details = UnitDetails.newBuilder();
        told.controlGroup().ifPresent(details::setControlGroup);
        told.processes().forEach(process -> details.addProcesses(
                UnitProcess.newBuilder().setPid(process.pid()).setCommand(process.command())));
        told.memory().ifPresent(details::setMemoryBytes);
        told.memoryMax().ifPresent(details::setMemoryMaxBytes);
        told.cpu().ifPresent(details::setCpuNanos);
        told.tasks().ifPresent(details::setTasks);
        told.tasksMax().ifPresent(details::setTasksMax);
        told.traffic().ifPresent(traffic ->
                details.setReceivedBytes(traffic.received()).setSentBytes(traffic.sent()));
        told.mainExit().ifPresent(details::setMainExit);
        return details.build();
    }

    private void send(ImmutableList<JournalLine> lines, ServerCallStreamObserver<JournalReply> call, Semaphore ready) {
        var reply = JournalReply.newBuilder();
        lines.forEach(line -> reply.addLines(io.flota.api.v1.JournalLine.newBuilder()
                .setTimeMicros(ChronoUnit.MICROS.between(Instant.EPOCH, line.time()))
                .setText(line.text())
                .setUnit(line.unit().full())
                .setProcess(line.process())));
        send(reply, call, ready);
    }

    private void send(JournalReply.Builder reply, ServerCallStreamObserver<JournalReply> call, Semaphore ready) {
        while (!call.isReady() && !call.isCancelled()) {
            try {
                ready.acquire();
            } catch (InterruptedException _) {
                Thread.currentThread().interrupt();
                return;
            }
        }
        if (call.isCancelled()) {
            return;
        }
        call.onNext(reply.setMachineId(machine.value()).build());
    }
}
