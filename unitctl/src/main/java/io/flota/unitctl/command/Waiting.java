package io.flota.unitctl.command;

import io.flota.api.v1.Freshness;
import io.flota.api.v1.ListUnitsReply;
import io.flota.api.v1.ListUnitsRequest;
import io.flota.api.v1.Unit;
import io.flota.unitctl.client.ClusterClient;
import io.flota.unitctl.client.ClusterException;
import io.flota.unitctl.client.Watch;
import io.flota.unitctl.command.Verdict.Failed;
import io.flota.unitctl.command.Verdict.Held;
import io.flota.unitctl.command.Verdict.Reached;
import io.flota.unitctl.command.Verdict.Underway;
import io.flota.unitctl.render.Refusals;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import java.util.stream.Collectors;

/// Waits until each unit is where a command wants it, has failed, or patience ends.
final class Waiting {
    /// How often limits are looked at while nothing comes.
    private static final Duration TICK = Duration.ofMillis(200);
    /// A refusal that stands for as long is no passing one, such as that of a unit whose peer is just being placed.
    private static final Duration SETTLED = Duration.ofMillis(500);
    /// On a line of progress.
    private static final int MOST_SHOWN = 3;

    private final Invocation invocation;
    private final Goal goal;
    private final Patience patience;
    private final long revision;
    private final ProgressLine progress;
    private final long start = System.nanoTime();
    /// What is known of the units that are still awaited.
    private final Map<String, Verdict> open = new TreeMap<>();
    private final Set<String> explained = new HashSet<>();
    private final Set<String> troubled = new HashSet<>();
    private final Set<String> reached = new HashSet<>();
    private boolean anyFailed;
    private boolean warned;
    private final int all;
    private Optional<Long> heldSince = Optional.empty();

    /// @param revision views that are older do not know yet what was asked for
    Waiting(Invocation invocation, Goal goal, List<String> units, long revision) throws CommandException {
        this.invocation = invocation;
        this.goal = goal;
        this.patience = Patience.of(invocation);
        this.revision = revision;
        this.progress = ProgressLine.on(invocation.surroundings());
        this.all = units.size();
        units.forEach(unit -> open.put(unit, Underway.by("not known yet")));
    }

    /// @param whenReached told at once of each unit that has arrived
    void await(ClusterClient cluster, BiConsumer<Unit, Reached> whenReached)
            throws ClusterException, InterruptedException {
        var request = ListUnitsRequest.newBuilder().addAllNames(open.keySet()).build();
        try (var watch = Watch.units(cluster, request)) {
            while (!open.isEmpty() && !isOver()) {
                var view = watch.next(TICK);
                if (view.isPresent() && view.get().getFreshness().getRevision() < revision) {
                    watch.startOver(); // a replica that lags does not tell of its catching up alone
                } else if (view.isPresent()) {
                    warnIfStale(view.get().getFreshness());
                    judge(view.get(), whenReached);
                }
                explainHeld();
                progress.show(describeOpen());
            }
        } finally {
            progress.clear();
        }
    }

    /// The units that patience was not enough for.
    Set<String> unfinished() {
        return open.keySet();
    }

    boolean isHeld(String unit) {
        return open.get(unit) instanceof Held;
    }

    boolean hasReached(String unit) {
        return reached.contains(unit);
    }

    /// Whether all units have arrived.
    boolean isComplete() {
        return open.isEmpty() && !anyFailed;
    }

    private void judge(ListUnitsReply view, BiConsumer<Unit, Reached> whenReached) {
        var units = view.getUnitsList().stream().collect(Collectors.toMap(Unit::getName, unit -> unit));
        for (String name : List.copyOf(open.keySet())) {
            Unit unit = units.get(name);
            Verdict verdict = unit == null ? new Failed("has been destroyed meanwhile") : goal.judge(unit);
            switch (verdict) {
                case Reached where -> {
                    progress.clear();
                    open.remove(name);
                    reached.add(name);
                    whenReached.accept(unit, where);
                }
                case Failed(var because) -> {
                    progress.clear();
                    invocation.err().println("Unit " + name + " " + because);
                    open.remove(name);
                    anyFailed = true;
                }
                case Underway underway -> {
                    open.put(name, underway);
                    underway.trouble().filter(_ -> troubled.add(name)).ifPresent(trouble -> {
                        progress.clear();
                        invocation.err().println("Unit " + name + " " + trouble);
                    });
                }
                case Held held -> open.put(name, held);
            }
        }
        boolean allHeld = open.values().stream().allMatch(Held.class::isInstance);
        heldSince = allHeld ? heldSince.or(() -> Optional.of(System.nanoTime())) : Optional.empty();
    }

    private void warnIfStale(Freshness freshness) {
        if (freshness.getStaleSinceMillis() != 0 && !warned) {
            progress.clear();
            invocation.warnIfStale(freshness);
        }
        warned = freshness.getStaleSinceMillis() != 0;
    }

    private boolean isOver() {
        return patience.limit().isPresent() && hasPassed(start, patience.limit().get())
                || patience.whileHeld().isPresent()
                        && heldSince.isPresent()
                        && hasPassed(heldSince.get(), patience.whileHeld().get());
    }

    /// Once for each unit, as soon as only such units are left.
    private void explainHeld() {
        if (heldSince.isEmpty() || !hasPassed(heldSince.get(), SETTLED)) {
            return;
        }
        open.forEach((name, verdict) -> {
            if (verdict instanceof Held(var refusals) && explained.add(name)) {
                progress.clear();
                invocation.err().print(Refusals.render(name, refusals));
                if (invocation.surroundings().errIsTerminal()) {
                    invocation.err().println("It is waited for; Ctrl-C ends the waiting, and the unit stays wanted.");
                }
            }
        });
    }

    private String describeOpen() {
        String some = open.entrySet().stream()
                .limit(MOST_SHOWN)
                .map(entry -> entry.getKey() + " " + describe(entry.getValue()))
                .collect(Collectors.joining(", "));
        return open.isEmpty() ? "" : "waiting for " + open.size() + " of " + all + ": " + some;
    }

    private static String describe(Verdict verdict) {
        return switch (verdict) {
            case Underway(var how, var _) -> how;
            case Held _ -> "fits nowhere yet";
            case Reached _ -> "done";
            case Failed(var because) -> because;
        };
    }

    private static boolean hasPassed(long since, Duration duration) {
        return System.nanoTime() - since >= duration.toNanos();
    }
}
