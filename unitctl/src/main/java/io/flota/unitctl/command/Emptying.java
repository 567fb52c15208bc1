package io.flota.unitctl.command;

import io.flota.api.v1.ListUnitsReply;
import io.flota.api.v1.ListUnitsRequest;
import io.flota.api.v1.Unit;
import io.flota.api.v1.UnitOnMachine;
import io.flota.unitctl.client.ClusterClient;
import io.flota.unitctl.client.ClusterException;
import io.flota.unitctl.client.UnitWatch;
import io.flota.unitctl.render.Ids;
import io.flota.unitctl.render.Refusals;
import java.time.Duration;
import java.util.List;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

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
    /// By machine what is known to be there.
    private final SortedMap<String, SortedSet<String>> open = new TreeMap<>();
    private final SortedSet<String> left = new TreeSet<>();
    private boolean warned;

    /// @param revision views that are older do not know yet what was asked for
    Emptying(Invocation invocation, List<String> machines, long revision) throws CommandException {
        this.invocation = invocation;
        this.patience = Patience.of(invocation);
        this.revision = revision;
        this.progress = ProgressLine.on(invocation.surroundings());
        machines.forEach(machine -> open.put(machine, new TreeSet<>()));
    }

    void await(ClusterClient cluster) throws ClusterException, InterruptedException {
        try (var watch = new UnitWatch(cluster, ListUnitsRequest.getDefaultInstance())) {
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
        open.forEach((machine, units) -> invocation.err().println("Failed to drain machine " + Ids.shortened(machine)
                + ": timed out waiting for it to stop " + String.join(" ", units)));
    }

    private void judge(ListUnitsReply view) {
        if (view.getFreshness().getStaleSinceMillis() != 0 && !warned) {
            progress.clear();
            invocation.warnIfStale(view.getFreshness());
        }
        warned = view.getFreshness().getStaleSinceMillis() != 0;
        for (String machine : List.copyOf(open.keySet())) {
            var units = open.get(machine);
            units.clear();
            view.getUnitsList().stream()
                    .filter(unit -> unit.getMachinesList().stream()
                            .map(UnitOnMachine::getMachineId)
                            .anyMatch(machine::equals))
                    .map(Unit::getName)
                    .forEach(units::add);
            left.addAll(units);
            if (units.isEmpty()) {
                progress.clear();
                open.remove(machine);
                invocation.out().println("Machine " + Ids.shortened(machine) + " drained");
            }
        }
        if (open.isEmpty()) {
            tellWhoWaits(view);
        }
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
        return patience.limit().isPresent()
                && System.nanoTime() - start >= patience.limit().get().toNanos();
    }

    private String describeOpen() {
        var units = new TreeSet<String>();
        open.values().forEach(units::addAll);
        var some = units.stream().limit(MOST_SHOWN).toList();
        return open.isEmpty() ? "" : "waiting for " + units.size() + " units to leave: " + String.join(", ", some);
    }
}
