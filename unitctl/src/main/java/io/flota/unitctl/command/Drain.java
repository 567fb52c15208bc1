package io.flota.unitctl.command;

import io.flota.api.v1.MachineRecord;
import io.flota.api.v1.SetPolicyRequest;
import io.flota.unitctl.client.ClusterClient;
import io.flota.unitctl.client.ClusterException;
import io.flota.unitctl.render.Ids;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import picocli.CommandLine.Model.CommandSpec;

/// Empties machines, and waits until they are.
final class Drain implements Command {
    @Override
    public CommandSpec spec() {
        return Flags.addBlocking(Flags.command(
                        "drain",
                        "Have machines take no new units and release those that they have.",
                        "Waits until they are empty. A unit is stopped there before it is started",
                        "elsewhere; one that fits nowhere else waits. Global units leave last."))
                .addPositional(Flags.arguments("MACHINE", "Ids, or as many of their first digits as are unique."));
    }

    @Override
    public int run(Invocation invocation) throws CommandException, ClusterException, IOException, InterruptedException {
        Patience.of(invocation); // a wrong flag is told before anything is done
        var request = SetPolicyRequest.newBuilder()
                .addAllMachineIds(Cordon.machines(invocation))
                .setCordoned(true)
                .setDraining(true)
                .build();
        var cluster = invocation.cluster();
        var reply = cluster.setPolicy(request);
        if (invocation.has("--no-block")) {
            reply.getMachineIdsList().forEach(machine ->
                    invocation.out().println("Triggered machine " + Ids.shortened(machine) + " drain"));
            return 0;
        }
        var awaited = new ArrayList<>(reply.getMachineIdsList());
        boolean allThere = tellWhoIsAway(invocation, cluster, awaited);
        var emptying = new Emptying(invocation, awaited, reply.getRevision());
        emptying.await(cluster);
        emptying.tellUnfinished();
        return allThere && emptying.isComplete() ? 0 : CommandException.FAILED;
    }

    /// @param awaited those that are away are taken out
    private static boolean tellWhoIsAway(Invocation invocation, ClusterClient cluster, List<String> awaited)
            throws ClusterException {
        var there = new HashSet<String>();
        cluster.listMachines().getMachinesList().stream().map(MachineRecord::getId).forEach(there::add);
        boolean allThere = there.containsAll(awaited);
        awaited.stream()
                .filter(machine -> !there.contains(machine))
                .forEach(machine -> invocation.err().println("Machine " + Ids.shortened(machine)
                        + " is away; it is drained when it returns"));
        awaited.retainAll(there);
        return allThere;
    }
}
