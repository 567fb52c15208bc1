package io.flota.unitctl.command;

import io.flota.api.v1.ApplyRequest;
import io.flota.api.v1.DestroyRequest;
import io.flota.api.v1.DesiredState;
import io.flota.api.v1.Unit;
import io.flota.api.v1.UnitIntent;
import io.flota.unitctl.client.ClusterClient;
import io.flota.unitctl.client.ClusterException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Model.CommandSpec;

/// Forgets units. Those that are on machines are unloaded first, so that their names are free for others once this is
/// done.
final class Destroy implements Command {
    @Override
    public CommandSpec spec() {
        return Flags.addBlocking(Flags.command("destroy", "Stop units, take them from their machines and forget them."))
                .addPositional(Flags.arguments("UNIT", "Names or quoted patterns, which match templates, too."));
    }

    @Override
    public int run(Invocation invocation) throws CommandException, ClusterException, IOException, InterruptedException {
        var selection = Selection.of(invocation.units());
        Patience.of(invocation); // a wrong flag is told before anything is done
        var cluster = invocation.cluster();
        var reply = cluster.listUnits(selection.request());
        invocation.warnIfStale(reply.getFreshness());
        List<String> missing = selection.missing(reply);
        missing.forEach(invocation.err()::println);
        boolean destroyed = destroy(invocation, cluster, reply.getUnitsList());
        return destroyed && missing.isEmpty() ? 0 : CommandException.FAILED;
    }

    /// @return whether all are gone
    static boolean destroy(Invocation invocation, ClusterClient cluster, List<Unit> doomed)
            throws CommandException, ClusterException, InterruptedException {
        var units = new ArrayList<>(doomed.stream().map(Unit::getName).toList());
        boolean complete = true;
        if (!invocation.has("--no-block")) {
            var busy = doomed.stream()
                    .filter(unit -> unit.getMachinesCount() > 0
                            || unit.getDesired() != DesiredState.DESIRED_STATE_INACTIVE)
                    .map(Unit::getName)
                    .toList();
            complete = unload(invocation, cluster, busy, units);
        }
        if (!units.isEmpty()) {
            cluster.destroy(DestroyRequest.newBuilder().addAllNames(units).build());
            units.forEach(unit -> invocation.out().println("Destroyed " + unit));
        }
        return complete;
    }

    /// @param units all that are to be destroyed; those that do not come down are taken out
    private static boolean unload(
            Invocation invocation, ClusterClient cluster, List<String> busy, List<String> units)
            throws CommandException, ClusterException, InterruptedException {
        if (busy.isEmpty()) {
            return true;
        }
        var request = ApplyRequest.newBuilder();
        busy.forEach(unit -> request.addUnits(
                UnitIntent.newBuilder().setName(unit).setDesired(DesiredState.DESIRED_STATE_INACTIVE)));
        long revision = cluster.apply(request.build()).getRevision();
        var waiting = new Waiting(invocation, Goal.UNLOADED, busy, revision);
        waiting.await(cluster, (_, _) -> {});
        for (String unit : waiting.unfinished()) {
            invocation.err().println("Failed to destroy unit " + unit
                    + ": timed out waiting for its machine to unload it; --no-block forgets it at once");
        }
        units.removeIf(unit -> busy.contains(unit) && !waiting.hasReached(unit));
        return waiting.isComplete();
    }
}
