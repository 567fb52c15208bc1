package io.flota.scheduler.api;

import com.google.common.collect.ImmutableSortedMap;
import io.flota.api.v1.AgentGrpc;
import io.flota.api.v1.ListUnitsRequest;
import io.flota.api.v1.Unit;
import io.flota.api.v1.UnitOnMachine;
import io.flota.api.v1.UnitUsage;
import io.flota.api.v1.UsageReply;
import io.flota.api.v1.UsageRequest;
import io.flota.machine.Machine;
import io.flota.machine.MachineId;
import io.flota.scheduler.model.Model;
import io.grpc.StatusRuntimeException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/// Tells what units use: asks each machine for all of its units at once, again and again.
final class Usages {
    private static final Duration USUAL_INTERVAL = Duration.ofSeconds(2);
    /// More often would be work for the machines, and nobody reads so fast.
    private static final Duration SHORTEST_INTERVAL = Duration.ofMillis(200);
    /// A machine that takes longer is told as one that cannot be asked, and holds up the others no longer.
    private static final Duration PATIENCE = Duration.ofSeconds(3);
    private static final Comparator<UnitUsage> BY_NAME =
            Comparator.comparing(UnitUsage::getUnit).thenComparing(UnitUsage::getMachineId);

    private final Agents agents;

    Usages(Agents agents) {
        this.agents = agents;
    }

    /// Until the client goes.
    void tell(UsageRequest request, Model model, Outlet<UsageReply> outlet)
            throws RefusedException, InterruptedException {
        var listing = UnitListing.of(ListUnitsRequest.newBuilder()
                .addAllNames(request.getNamesList())
                .addAllPatterns(request.getPatternsList())
                .build());
        var interval = request.getIntervalMillis() == 0
                ? USUAL_INTERVAL
                : Duration.ofMillis(Math.max(request.getIntervalMillis(), SHORTEST_INTERVAL.toMillis()));
        try (var channels = new AgentChannels(agents);
                var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            while (true) {
                long begun = System.nanoTime();
                var view = Outage.readable(model.latest());
                var units = listing.reply(view, model.now()).getUnitsList();
                outlet.send(once(units, view.cluster().machines(), channels, threads));
                Thread.sleep(interval.minusNanos(System.nanoTime() - begun));
            }
        }
    }

    private static UsageReply once(
            List<Unit> units, ImmutableSortedMap<MachineId, Machine> machines, AgentChannels channels,
            ExecutorService threads)
            throws InterruptedException {
        var questions = new TreeMap<MachineId, UsageRequest.Builder>();
        for (var unit : units) {
            for (var there : unit.getMachinesList()) {
                questions.computeIfAbsent(new MachineId(there.getMachineId()), _ -> UsageRequest.newBuilder())
                        .addNames(unit.getName());
            }
        }
        var answers = new TreeMap<MachineId, Future<UsageReply>>();
        questions.forEach((id, question) -> answers.put(
                id, threads.submit(() -> ask(id, machines, question.build(), channels))));
        var told = new TreeMap<MachineId, TreeMap<String, UnitUsage>>();
        var reply = UsageReply.newBuilder();
        for (var answer : answers.entrySet()) {
            var its = result(answer.getValue());
            reply.addAllProblems(its.getProblemsList());
            var byName = told.computeIfAbsent(answer.getKey(), _ -> new TreeMap<>());
            its.getUnitsList().forEach(usage -> byName.put(usage.getUnit(), usage));
        }
        var usages = new ArrayList<UnitUsage>();
        for (var unit : units) {
            for (var there : unit.getMachinesList()) {
                var usage = told.get(new MachineId(there.getMachineId()))
                        .getOrDefault(unit.getName(), UnitUsage.getDefaultInstance());
                usages.add(with(usage, unit.getName(), there));
            }
        }
        usages.sort(BY_NAME);
        return reply.addAllUnits(usages).build();
    }

    private static UnitUsage with(UnitUsage usage, String unit, UnitOnMachine there) {
        return usage.toBuilder()
                .setUnit(unit)
                .setMachineId(there.getMachineId())
                .setPublicIp(there.getPublicIp())
                .setActive(there.getState().getActive())
                .setRestarts(there.getState().getRestarts())
                .build();
    }

    /// What cannot be asked is a problem of the answer.
    private static UsageReply ask(
            MachineId id, ImmutableSortedMap<MachineId, Machine> machines, UsageRequest question, AgentChannels channels) {
        var machine = machines.get(id);
        if (machine == null) {
            return problem("machine " + id.shortened() + " is away");
        }
        if (machine.agentAddress().isEmpty()) {
            return problem("the agent of machine " + id.shortened() + " cannot be asked: it has no --listen");
        }
        String where = "machine " + id.shortened() + " (agent " + machine.agentAddress() + ")";
        try {
            return AgentGrpc.newBlockingStub(channels.to(machine.agentAddress()))
                    .withDeadlineAfter(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)
                    .usage(question);
        } catch (StatusRuntimeException e) {
            return problem(switch (e.getStatus().getCode()) {
                case UNIMPLEMENTED -> where + " is of an older version, which cannot tell what units use";
                case DEADLINE_EXCEEDED -> where + " has not answered within " + PATIENCE.toSeconds() + " s";
                default -> "cannot ask " + where + ": " + Agents.reason(e.getStatus());
            });
        }
    }

    private static UsageReply problem(String line) {
        return UsageReply.newBuilder().addProblems(line).build();
    }

    private static UsageReply result(Future<UsageReply> answer) throws InterruptedException {
        try {
            return answer.get();
        } catch (ExecutionException e) {
            throw new IllegalStateException("a bug in asking what units use", e.getCause());
        }
    }
}
