package io.flota.scheduler.api;

import com.google.common.collect.ImmutableSortedMap;
import io.flota.api.v1.ListUnitsRequest;
import io.flota.api.v1.Unit;
import io.flota.api.v1.UnitOnMachine;
import io.flota.api.v1.UnitUsage;
import io.flota.api.v1.UsageReply;
import io.flota.api.v1.UsageRequest;
import io.flota.machine.Machine;
import io.flota.machine.MachineId;
import io.flota.scheduler.model.Model;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.TreeMap;

/// Tells what units use: asks each machine for all of its units at once, again and again.
final class Usages {
    private static final Duration USUAL_INTERVAL = Duration.ofSeconds(2);
    /// More often would be work for the machines, and nobody reads so fast.
    private static final Duration SHORTEST_INTERVAL = Duration.ofMillis(200);
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
        try (var calls = new UsageCalls(agents)) {
            while (true) {
                long begun = System.nanoTime();
                var view = Outage.readable(model.latest());
                outlet.send(once(listing.unexplained(view), view.cluster().machines(), calls));
                Thread.sleep(interval.minusNanos(System.nanoTime() - begun));
            }
        }
    }

    private static UsageReply once(
            List<Unit> units, ImmutableSortedMap<MachineId, Machine> machines, UsageCalls calls)
            throws InterruptedException {
        var questions = new TreeMap<MachineId, UsageRequest.Builder>();
        for (var unit : units) {
            for (var there : unit.getMachinesList()) {
                questions.computeIfAbsent(new MachineId(there.getMachineId()), _ -> UsageRequest.newBuilder())
                        .addNames(unit.getName());
            }
        }
        var told = new TreeMap<MachineId, TreeMap<String, UnitUsage>>();
        var reply = UsageReply.newBuilder();
        calls.ask(questions, machines).forEach((id, answer) -> {
            reply.addAllProblems(answer.getProblemsList());
            var byName = told.computeIfAbsent(id, _ -> new TreeMap<>());
            answer.getUnitsList().forEach(usage -> byName.put(usage.getUnit(), usage));
        });
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
}
