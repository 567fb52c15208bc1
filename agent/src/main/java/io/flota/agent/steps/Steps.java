package io.flota.agent.steps;

import static io.flota.agent.steps.Situation.isDownForGood;
import static io.flota.agent.steps.Situation.isStopping;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSortedMap;
import com.google.common.collect.ImmutableSortedSet;
import io.flota.agent.steps.Step.Drain;
import io.flota.agent.steps.Step.Load;
import io.flota.agent.steps.Step.SetProperties;
import io.flota.agent.steps.Step.Start;
import io.flota.agent.steps.Step.Stop;
import io.flota.agent.steps.Step.Unload;
import io.flota.unit.Placement;
import io.flota.unit.UnitName;
import io.flota.unit.UnitState;
import java.util.ArrayList;
import java.util.Map;
import java.util.Set;

/// From a situation to the steps that bring the machine nearer to its placements.
///
/// | target | observed | steps |
/// |---|---|---|
/// | loaded, launched | not loaded | load; launched: start |
/// | loaded, launched | loaded with another file | stop; once it is down: load; launched: start |
/// | loaded | started | stop |
/// | launched | another generation, or never started | start (the runtime stops the old one first) |
/// | loaded, launched | loaded, or to be, with other properties | set them |
/// | launched | up, and to start anew for its rendered files | stop; once it is told to: start |
/// | inactive | loaded | stop |
/// | one of a newer version | anything | nothing |
/// | not placed here | loaded | stop; once it is down: unload |
/// | not placed here | up, and its file says `OnReconnect=oldest` | nothing: it asks the leader |
///
/// A unit that others may be using is drained first, whatever it is to be stopped for: instead of the stop, or of the
/// start in another generation, there is a drain until it is over. A fence drains nothing.
///
/// The leader answers a unit that asks by placing it here again, or with the target `inactive`. What is withheld is
/// loaded, and not started. All else is left alone: a unit that runs in the right generation, one that ended by itself,
/// one that failed (its `Restart=` decides), and one whose new file cannot be had.
///
/// Every stop comes before every load, so that what is to go makes room, and every load before every start, so that
/// units that ask for each other know each other. Properties come between the two: a unit starts with its limits.
public final class Steps {
    private static final String LEAVES = "the agent leaves and hands its units over";

    private final Situation situation;
    private final ArrayList<Drain> drains = new ArrayList<>();
    private final ArrayList<Stop> stops = new ArrayList<>();
    private final ArrayList<Unload> unloads = new ArrayList<>();
    private final ArrayList<Load> loads = new ArrayList<>();
    private final ArrayList<SetProperties> properties = new ArrayList<>();
    private final ArrayList<Start> starts = new ArrayList<>();

    private Steps(Situation situation) {
        this.situation = situation;
    }

    public static ImmutableList<Step> between(Situation situation) {
        var steps = new Steps(situation);
        situation.placements().values().forEach(steps::place);
        situation.observed().forEach((unit, state) -> {
            if (!situation.placements().containsKey(unit)) {
                steps.forget(unit, state);
            }
        });
        return steps.inOrder();
    }

    /// What comes before [#leaving].
    public static ImmutableList<Step> draining(Set<UnitName> drained) {
        return drained.stream()
                .sorted()
                .map(unit -> new Drain(unit, LEAVES))
                .collect(ImmutableList.toImmutableList());
    }

    /// What stops everything, for an agent that hands its units over. Told once to all, as one that looks down may
    /// be about to start.
    public static ImmutableList<Step> leaving(ImmutableSortedMap<UnitName, UnitState> observed) {
        return observed.keySet().stream()
                .map(unit -> new Stop(unit, LEAVES))
                .collect(ImmutableList.toImmutableList());
    }

    /// What is not down yet after [#leaving].
    public static ImmutableSortedSet<UnitName> staying(ImmutableSortedMap<UnitName, UnitState> observed) {
        return observed.entrySet().stream()
                .filter(unit -> !isDownForGood(unit.getValue()))
                .map(Map.Entry::getKey)
                .collect(ImmutableSortedSet.toImmutableSortedSet(UnitName::compareTo));
    }

    private void place(Placement placement) {
        switch (placement.target()) {
            case INACTIVE -> release(placement);
            case LOADED, LAUNCHED -> hold(placement);
            case UNKNOWN -> {} // a newer leader knows what it is to do
        }
    }

    private void release(Placement placement) {
        var state = situation.observed().get(placement.unit());
        if (state == null) {
            return;
        }
        boolean told = situation.stopped().contains(placement.id());
        if (!told || mustStop(state)) {
            stop(placement.unit(), "it is to leave this machine: " + placement.reason());
        }
    }

    private void hold(Placement placement) {
        if (!situation.hasFile(placement)) {
            exchange(placement);
            return;
        }
        adjust(placement);
        var state = situation.observed().get(placement.unit());
        switch (placement.target()) {
            case INACTIVE, UNKNOWN -> throw new IllegalStateException("held, and not for that: " + placement);
            case LOADED -> {
                // One that runs in generation 0 was not started by us: another unit's Wants= or Requires= needs it.
                if (state.generation() != 0) {
                    stop(placement.unit(), "it is started, and wanted loaded only");
                }
            }
            case LAUNCHED -> {
                boolean startable = state.load().equals("loaded") && situation.mayStart(placement.unit());
                if (startable && state.generation() != placement.generation()) {
                    startAnew(placement, state.generation());
                } else if (startable && situation.startsAnew(placement.unit()) && mustStop(state)) {
                    stop(placement.unit(), "its rendered files have changed"); // it is started again once it is down
                }
            }
        }
    }

    private void startAnew(Placement placement, long generation) {
        var start = start(placement, generation);
        if (situation.undrained().contains(placement.unit())) {
            drains.add(new Drain(placement.unit(), start.because()));
        } else {
            starts.add(start);
        }
    }

    private void stop(UnitName unit, String because) {
        if (situation.undrained().contains(unit)) {
            drains.add(new Drain(unit, because));
        } else {
            stops.add(new Stop(unit, because));
        }
    }

    /// The unit has no file, or not the one that is placed. One that runs goes on until the new file is at hand.
    private void exchange(Placement placement) {
        var unit = placement.unit();
        var state = situation.observed().get(unit);
        if (situation.unreadable().containsKey(unit) || state != null && isStopping(state)) {
            return;
        }
        if (state != null && mustStop(state)) {
            stop(unit, "its unit file has changed");
            return;
        }
        loads.add(new Load(unit, placement.fileHash(), "it is placed here: " + placement.reason()));
        adjust(placement);
        switch (placement.target()) {
            case LAUNCHED -> {
                if (situation.mayStart(unit)) {
                    starts.add(start(placement, 0));
                }
            }
            case LOADED, INACTIVE, UNKNOWN -> {}
        }
    }

    /// Whatever the unit is at: properties are no reason to stop or to start it.
    private void adjust(Placement placement) {
        if (!situation.hasProperties(placement)) {
            properties.add(new SetProperties(
                    placement.unit(), placement.properties(), "the operator wants them over those of its file"));
        }
    }

    private void forget(UnitName unit, UnitState state) {
        if (situation.strays().containsKey(unit)) {
            return;
        }
        if (mustStop(state)) {
            stop(unit, "it is not placed here");
        } else if (isDownForGood(state)) {
            unloads.add(new Unload(unit, "it is not placed here"));
        }
    }

    private static Start start(Placement placement, long generation) {
        String because = generation == 0
                ? "it is wanted launched"
                : "a restart was asked for: generation " + generation + " runs, " + placement.generation()
                        + " is wanted";
        return new Start(placement.unit(), placement.generation(), because);
    }

    private static boolean mustStop(UnitState state) {
        return !isDownForGood(state) && !isStopping(state);
    }

    private ImmutableList<Step> inOrder() {
        return ImmutableList.<Step>builder()
                .addAll(drains)
                .addAll(stops)
                .addAll(unloads)
                .addAll(loads)
                .addAll(properties)
                .addAll(starts)
                .build();
    }
}
