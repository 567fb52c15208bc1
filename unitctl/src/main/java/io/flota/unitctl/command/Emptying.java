package io.flota.unitctl.command;

import io.flota.api.v1.DesiredState;
import io.flota.api.v1.ListUnitsReply;
import io.flota.api.v1.ListUnitsRequest;
import io.flota.api.v1.Unit;
import io.flota.api.v1.UnitOnMachine;
import io.flota.unitctl.client.ClusterClient;
import io.flota.unitctl.client.ClusterException;
import io.flota.unitctl.client.Watch;
import io.flota.unitctl.render.Ids;
import io.flota.unitctl.render.Refusals;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/// Waits until machines have no unit any more, or patience ends.
final class Emptying {
    /// How often limits are looked at while nothing comes.
    private static final Duration TICK = Duration.ofMillis(200);
    /// On a line of progress.
    private static final int MOST_SHOWN = 3;

    private final Invocation invocation;
    private final Patience patience;
    private final long revision;
    private final ProgressLine progress;
    private final long start = System.nanoTime();
    /// By machine what is known to be there, each unit with why it stays; empty if it is on its way.
    private final SortedMap<String, SortedMap<String, String>> open = new TreeMap<>();
    private final SortedSet<String> left = new TreeSet<>();
    private boolean warned;
    private boolean viewed;
    /// Since when nothing has left while nothing is on its way.
    private Optional<Long> heldSince = Optional.empty();

    /// @param revision views that are older do not know yet what was asked for
    Emptying(Invocation invocation, List<String> machines, long revision) throws CommandException {
        this.invocation = invocation;
        this.patience = Patience.of(invocation);
        this.revision = revision;
        this.progress = ProgressLine.on(invocation.surroundings());
        machines.forEach(machine -> open.put(machine, new TreeMap<>()));
    }

    void await(ClusterClient cluster) throws ClusterException, InterruptedException {
        try (var watch = Watch.units(cluster, ListUnitsRequest.getDefaultInstance())) {
            while (!open.isEmpty() && !isOver()) {
                var view = watch.next(TICK);
                if (view.isPresent() && view.get().getFreshness().getRevision() < revision) {
                    watch.startOver(); // a replica that lags does not tell of its catching up alone
                } else if (view.isPresent()) {
                    judge(view.get());
                }
                progress.show(describeOpen());
            }
        } finally {
            progress.clear();
        }
    }

    boolean isComplete() {
        return open.isEmpty();
    }

    /// The machines that patience was not enough for.
    void tellUnfinished() {
        open.forEach((machine, units) -> invocation.err().println(
                "Failed to drain machine " + Ids.shortened(machine) + ": " + problem(units)));
    }

    private String problem(SortedMap<String, String> units) {
        if (!viewed) {
            return "timed out before a scheduler told what it has";
        }
        return isHeld()
                ? "these units stay there: " + units.entrySet().stream()
                        .map(unit -> unit.getKey() + " (" + unit.getValue() + ")")
                        .collect(Collectors.joining(", "))
                : "timed out waiting for it to stop " + String.join(" ", units.keySet());
    }

    private void judge(ListUnitsReply view) {
        if (view.getFreshness().getStaleSinceMillis() != 0 && !warned) {
            progress.clear();
            invocation.warnIfStale(view.getFreshness());
        }
        warned = view.getFreshness().getStaleSinceMillis() != 0;
        viewed = true;
        var before = unitsLeft();
        for (String machine : List.copyOf(open.keySet())) {
            var units = open.get(machine);
            units.clear();
            for (Unit unit : view.getUnitsList()) {
                unit.getMachinesList().stream()
                        .filter(on -> on.getMachineId().equals(machine))
                        .forEach(on -> units.put(unit.getName(), whyItStays(unit, on)));
            }
            left.addAll(units.keySet());
            if (units.isEmpty()) {
                progress.clear();
                open.remove(machine);
                invocation.out().println("Machine " + Ids.shortened(machine) + " drained");
            }
        }
        if (open.isEmpty()) {
            tellWhoWaits(view);
        }
        boolean allStay = open.values().stream().flatMap(units -> units.values().stream()).noneMatch(String::isEmpty);
        heldSince = heldSince.filter(_ -> before.equals(unitsLeft()))
                .or(() -> Optional.of(System.nanoTime()))
                .filter(_ -> allStay);
    }

    /// Empty if it was told to stop there, or stops.
    private static String whyItStays(Unit unit, UnitOnMachine there) {
        boolean leaves = !there.hasPlacement()
                || there.getPlacement().getTarget() == DesiredState.DESIRED_STATE_INACTIVE
                || there.getState().getActive().equals("deactivating");
        if (leaves) {
            return "";
        }
        if (unit.getRefusalsCount() > 0) {
            return unit.getRefusals(0).getReason();
        }
        String message = there.getState().getMessage();
        return message.isEmpty() ? "it was not told to leave" : message;
    }

    private SortedSet<String> unitsLeft() {
        var units = new TreeSet<String>();
        open.values().forEach(there -> units.addAll(there.keySet()));
        return units;
    }

    /// Of those that were there.
    private void tellWhoWaits(ListUnitsReply view) {
        for (Unit unit : view.getUnitsList()) {
            if (left.contains(unit.getName()) && unit.getMachinesCount() == 0 && unit.getRefusalsCount() > 0) {
                invocation.err().print(Refusals.render(unit.getName(), unit.getRefusalsList()));
            }
        }
    }

    private boolean isOver() {
        return patience.limit().isPresent() && hasPassed(start, patience.limit().get()) || isHeld();
    }

    /// A script is not kept waiting for units that nobody moves.
    private boolean isHeld() {
        return patience.whileHeld().isPresent()
                && heldSince.isPresent()
                && hasPassed(heldSince.get(), patience.whileHeld().get());
    }

    private static boolean hasPassed(long since, Duration duration) {
        return System.nanoTime() - since >= duration.toNanos();
    }

    private String describeOpen() {
        var units = unitsLeft();
        var some = units.stream().limit(MOST_SHOWN).toList();
        return open.isEmpty() ? "" : "waiting for " + units.size() + " units to leave: " + String.join(", ", some);
    }
}
