package io.flota.unitctl.command;

import io.flota.api.v1.ApplyRequest;
import io.flota.api.v1.DesiredState;
import io.flota.api.v1.Unit;
import io.flota.api.v1.UnitIntent;
import io.flota.api.v1.UnitOnMachine;
import io.flota.unit.UnitName;
import io.flota.unitctl.client.ClusterException;
import io.flota.unitctl.render.Ids;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Model.CommandSpec;

/// stop and unload: wants less of registered units, and waits until they are really down.
final class BringDown implements Command {
    private final Goal goal;

    /// @param goal [Goal#STOPPED] or [Goal#UNLOADED]
    BringDown(Goal goal) {
        this.goal = goal;
    }

    private String word() {
        return goal == Goal.STOPPED ? "stop" : "unload";
    }

    private String done() {
        return goal == Goal.STOPPED ? "stopped" : "unloaded";
    }

    @Override
    public CommandSpec spec() {
        String description = goal == Goal.STOPPED
                ? "Stop units, and wait until they are down; they stay on their machines."
                : "Stop units and take them from their machines; they stay registered.";
        return Flags.addBlocking(Flags.command(word(), description))
                .addPositional(Flags.arguments("UNIT", "Names or quoted patterns."));
    }

    @Override
    public int run(Invocation invocation) throws CommandException, ClusterException, IOException, InterruptedException {
        var selection = Selection.of(invocation.units());
        Patience.of(invocation); // a wrong flag is told before anything is done
        var cluster = invocation.cluster();
        var reply = cluster.listUnits(selection.request());
        invocation.warnIfStale(reply.getFreshness());
        var problems = new ArrayList<>(selection.missing(reply));
        var request = ApplyRequest.newBuilder();
        for (Unit unit : reply.getUnitsList()) {
            if (unit.getDesired() != DesiredState.DESIRED_STATE_INACTIVE) {
                request.addUnits(UnitIntent.newBuilder().setName(unit.getName()).setDesired(goal.desired()));
            } else if (goal == Goal.STOPPED && selection.names().contains(unit.getName())) {
                problems.add("Unable to stop unit " + unit.getName() + " in state inactive");
            }
        }
        problems.forEach(invocation.err()::println);
        List<String> units = request.getUnitsList().stream().map(UnitIntent::getName).toList();
        if (units.isEmpty()) {
            return problems.isEmpty() ? 0 : CommandException.FAILED;
        }
        long revision = cluster.apply(request.build()).getRevision();
        boolean complete = true;
        if (invocation.has("--no-block")) {
            reply.getUnitsList().stream()
                    .filter(unit -> units.contains(unit.getName()))
                    .forEach(unit -> invocation.out().println(
                            (unit.getGlobal() ? "Triggered global unit " : "Triggered unit ") + unit.getName() + " "
                                    + word()));
        } else {
            var waiting = new Waiting(invocation, goal, units, revision);
            waiting.await(cluster, (unit, _) -> tell(invocation, unit));
            complete = tell(invocation, units, waiting);
        }
        return complete && problems.isEmpty() ? 0 : CommandException.FAILED;
    }

    /// In fleet's words, machine by machine.
    private void tell(Invocation invocation, Unit unit) {
        if (unit.getGlobal()) {
            invocation.out().println("Triggered global unit " + unit.getName() + " " + word());
        } else if (goal == Goal.UNLOADED) {
            invocation.out().println("Unit " + unit.getName() + " inactive");
        } else {
            unit.getMachinesList().stream()
                    .filter(UnitOnMachine::hasPlacement)
                    .forEach(on -> invocation.out().println("Unit " + unit.getName() + " loaded on "
                            + Ids.machine(on.getMachineId(), on.getPublicIp(), false)));
        }
        invocation.out().flush();
    }

    private boolean tell(Invocation invocation, List<String> units, Waiting waiting) {
        var reached = units.stream().filter(waiting::hasReached).toList();
        if (!reached.isEmpty()) {
            invocation.err().println("Successfully " + done() + " units [" + String.join(" ", reached) + "].");
        }
        if (!waiting.unfinished().isEmpty()) {
            invocation.err().println("Failed to " + word() + " units [" + String.join(" ", waiting.unfinished())
                    + "]. err: timed out waiting for them to report state " + goal.word());
        }
        return waiting.isComplete();
    }
}
