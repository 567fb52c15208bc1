package io.flota.unitctl.command;

import io.flota.api.v1.Unit;
import io.flota.api.v1.UnitOnMachine;
import io.flota.unitctl.client.ClusterClient;
import io.flota.unitctl.client.ClusterException;
import io.flota.unitctl.render.Ids;
import java.util.List;
import java.util.stream.Stream;

/// Waits for units to come up, and tells where they did.
final class Launch {
    private Launch() {}

    /// @return whether all did
    static boolean await(Invocation invocation, ClusterClient cluster, Goal goal, List<String> units, long revision)
            throws CommandException, ClusterException, InterruptedException {
        return await(invocation, cluster, goal, units, List.of(), revision);
    }

    /// @param others units that have been told of, and that the command goes on only with
    static boolean await(
            Invocation invocation, ClusterClient cluster, Goal goal, List<String> units, List<String> others,
            long revision)
            throws CommandException, ClusterException, InterruptedException {
        var all = Stream.concat(others.stream(), units.stream()).toList();
        var waiting = new Waiting(invocation, goal, all, revision);
        waiting.await(cluster, (unit, reached) -> reached.on().stream()
                .filter(_ -> units.contains(unit.getName()))
                .forEach(on -> tell(invocation, goal, unit, on)));
        for (String name : waiting.unfinished()) {
            invocation.err().println(
                    waiting.isHeld(name)
                            ? "Unit " + name + " is not " + goal.word() + " yet: it goes on as soon as a machine fits"
                            : "Error waiting for units: timed out waiting for unit " + name + " to report state "
                                    + goal.word() + "; unitctl status " + name + " says how it goes on");
        }
        return waiting.isComplete();
    }

    private static void tell(Invocation invocation, Goal goal, Unit unit, UnitOnMachine on) {
        String machine = Ids.machine(on.getMachineId(), on.getPublicIp(), false);
        if (goal != Goal.LOADED && Goal.standsBy(unit, on)) {
            invocation.out().println("Unit " + unit.getName() + " stands by for " + unit.getStandsByFor() + " on " + machine);
            invocation.out().flush();
            return;
        }
        boolean ended = goal != Goal.LOADED && Goal.isDown(on.getState());
        invocation.out().println("Unit " + unit.getName() + " " + goal.word() + " on " + machine
                + (ended ? ", and has ended" : ""));
        invocation.out().flush();
    }
}
