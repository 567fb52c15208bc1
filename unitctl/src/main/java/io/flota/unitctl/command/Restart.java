package io.flota.unitctl.command;

import com.google.common.collect.Lists;
import io.flota.api.v1.ApplyRequest;
import io.flota.api.v1.DesiredState;
import io.flota.api.v1.Unit;
import io.flota.api.v1.UnitIntent;
import io.flota.unitctl.client.ClusterClient;
import io.flota.unitctl.client.ClusterException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.stream.Collectors;
import picocli.CommandLine.Model.CommandSpec;

/// Starts registered units anew where they are.
final class Restart implements Command {
    private static final String ROLLING = "--rolling";

    @Override
    public CommandSpec spec() {
        var spec = Flags.command("restart", "Stop units and start them again where they are: all at once, or rolling.")
                .addOption(Flags.optionalNumber(
                        "N",
                        "1",
                        "At most N (1) at once, those that are not well first: the next once those before are active, and"
                                + " healthy where that is checked. Ends at the first that does not come back.",
                        ROLLING));
        return Flags.addBlocking(spec)
                .addPositional(Flags.arguments("UNIT", "Names or quoted patterns."));
    }

    @Override
    public int run(Invocation invocation) throws CommandException, ClusterException, IOException, InterruptedException {
        var selection = Selection.of(invocation.units());
        Patience.of(invocation); // a wrong flag is told before anything is done
        int atOnce = atOnce(invocation);
        var cluster = invocation.cluster();
        var reply = cluster.listUnits(selection.request());
        invocation.warnIfStale(reply.getFreshness());
        var problems = new ArrayList<>(selection.missing(reply));
        var units = new ArrayList<Unit>();
        for (Unit unit : reply.getUnitsList()) {
            if (unit.getDesired() == DesiredState.DESIRED_STATE_INACTIVE) {
                if (selection.names().contains(unit.getName())) {
                    problems.add("Unable to restart unit " + unit.getName() + " in state inactive");
                }
            } else if (unit.getGlobal() && invocation.has(ROLLING)) {
                problems.add("Unable to restart unit " + unit.getName()
                        + " rolling: it is global, and restarts on all its machines at once");
            } else {
                units.add(unit);
            }
        }
        problems.forEach(invocation.err()::println);
        boolean complete = restart(invocation, cluster, invocation.has(ROLLING) ? rolling(units, atOnce) : together(units));
        return complete && problems.isEmpty() ? 0 : CommandException.FAILED;
    }

    private static List<List<String>> together(List<Unit> units) {
        return units.isEmpty() ? List.of() : List.of(Lists.transform(units, Unit::getName));
    }

    private static List<List<String>> rolling(List<Unit> units, int atOnce) {
        return units.stream()
                .collect(Collectors.groupingBy(
                        Restart::turn, TreeMap::new, Collectors.mapping(Unit::getName, Collectors.toList())))
                .values().stream()
                .flatMap(names -> Lists.partition(names, atOnce).stream())
                .toList();
    }

    /// Those that are not well come first, else those that are may all be down before the others are up; and those that
    /// fit nowhere last, for nobody knows how long they will.
    private static int turn(Unit unit) {
        return switch (Goal.HEALTHY.judge(unit)) {
            case Verdict.Underway _, Verdict.Failed _ -> 1;
            case Verdict.Reached _ -> 2;
            case Verdict.Held _ -> unit.getMachinesList().isEmpty() ? 3 : 1; // else it failed, or its machine is lost
        };
    }

    private static int atOnce(Invocation invocation) throws CommandException {
        int atOnce = invocation.number(ROLLING).orElse(Integer.MAX_VALUE);
        if (atOnce < 1) {
            throw CommandException.usage(ROLLING + "=" + atOnce + " is no number of units: at least one at a time");
        }
        if (invocation.has(ROLLING) && invocation.has("--no-block")) {
            throw CommandException.usage(
                    ROLLING + " waits for units before it goes on with the next: leave out --no-block");
        }
        return atOnce;
    }

    /// @return whether all came back
    private static boolean restart(Invocation invocation, ClusterClient cluster, List<List<String>> batches)
            throws CommandException, ClusterException, InterruptedException {
        var before = new ArrayList<String>();
        for (var batch : batches) {
            var request = ApplyRequest.newBuilder();
            batch.forEach(unit -> request.addUnits(UnitIntent.newBuilder()
                    .setName(unit)
                    .setDesired(DesiredState.DESIRED_STATE_LAUNCHED)
                    .setRestart(true)));
            long revision = cluster.apply(request.build()).getRevision();
            if (invocation.has("--no-block")) {
                batch.forEach(unit -> invocation.out().println("Triggered unit " + unit + " restart"));
                continue;
            }
            // Those before are looked at again: one may have been active for a moment only.
            var goal = invocation.has(ROLLING) ? Goal.HEALTHY : Goal.LAUNCHED;
            boolean back = Launch.await(invocation, cluster, goal, batch, before, revision);
            before.addAll(batch);
            if (!back) {
                tellLeft(invocation, batches.stream().flatMap(List::stream).skip(before.size()).toList());
                return false;
            }
        }
        return true;
    }

    private static void tellLeft(Invocation invocation, List<String> left) {
        if (!left.isEmpty()) {
            invocation.err().println("Ended there; not restarted: " + String.join(", ", left));
        }
    }
}
