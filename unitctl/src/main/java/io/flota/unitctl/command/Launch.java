package io.flota.unitctl.command;

import io.flota.api.v1.Unit;
import io.flota.api.v1.UnitOnMachine;
import io.flota.unitctl.client.ClusterClient;
import io.flota.unitctl.client.ClusterException;
import io.flota.unitctl.render.Ids;
import java.util.List;

/// Waits for units to come up, and tells where they did.
final class Launch {
    private Launch() {}

    /// @return whether all did
    static boolean await(Invocation invocation, ClusterClient cluster, Goal goal, List<String> units, long revision)
            throws CommandException, ClusterException, InterruptedException {
        var waiting = new Waiting(invocation, goal, units, revision);
        waiting.await(cluster, (unit, reached) -> reached.on().forEach(on -> tell(invocation, goal, unit, on)));
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
        boolean ended = goal == Goal.LAUNCHED && Goal.isDown(on.getState());
        invocation.out().println("Unit " + unit.getName() + " " + goal.word() + " on " + machine
                + (ended ? ", and has ended" : ""));
        invocation.out().flush();
    }
}
