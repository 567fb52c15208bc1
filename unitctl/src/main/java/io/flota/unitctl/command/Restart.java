package io.flota.unitctl.command;

import io.flota.api.v1.ApplyRequest;
import io.flota.api.v1.DesiredState;
import io.flota.api.v1.Unit;
import io.flota.api.v1.UnitIntent;
import io.flota.unitctl.client.ClusterException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Model.CommandSpec;

/// Starts registered units anew where they are.
final class Restart implements Command {
    @Override
    public CommandSpec spec() {
        return Flags.addBlocking(Flags.command("restart", "Stop units and start them again where they are."))
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
                request.addUnits(UnitIntent.newBuilder()
                        .setName(unit.getName())
                        .setDesired(DesiredState.DESIRED_STATE_LAUNCHED)
                        .setRestart(true));
            } else if (selection.names().contains(unit.getName())) {
                problems.add("Unable to restart unit " + unit.getName() + " in state inactive");
            }
        }
        problems.forEach(invocation.err()::println);
        List<String> units = request.getUnitsList().stream().map(UnitIntent::getName).toList();
        boolean complete = true;
        if (!units.isEmpty()) {
            long revision = cluster.apply(request.build()).getRevision();
            if (invocation.has("--no-block")) {
                units.forEach(unit -> invocation.out().println("Triggered unit " + unit + " restart"));
            } else {
                complete = Launch.await(invocation, cluster, Goal.LAUNCHED, units, revision);
            }
        }
        return complete && problems.isEmpty() ? 0 : CommandException.FAILED;
    }
}
