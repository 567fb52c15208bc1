package io.flota.unitctl.command;

import io.flota.api.v1.DesiredState;
import io.flota.api.v1.PlacementRecord;
import io.flota.api.v1.StateRecord;
import io.flota.api.v1.Unit;
import io.flota.api.v1.UnitOnMachine;
import io.flota.unitctl.command.Verdict.Failed;
import io.flota.unitctl.command.Verdict.Held;
import io.flota.unitctl.command.Verdict.Reached;
import io.flota.unitctl.command.Verdict.Underway;
import io.flota.unitctl.render.Ids;
import io.flota.unitctl.render.UnitFileListing;
import java.util.List;
import java.util.Optional;

/// What a command waits for. Pure: judges one view of one unit.
enum Goal {
    /// Nowhere any more, and down everywhere.
    UNLOADED(DesiredState.DESIRED_STATE_INACTIVE, "inactive"),
    /// Down wherever it is placed, and no machine is about to do otherwise.
    STOPPED(DesiredState.DESIRED_STATE_LOADED, "loaded"),
    /// The same, and placed somewhere.
    LOADED(DesiredState.DESIRED_STATE_LOADED, "loaded"),
    /// Started on all machines where it is to be, and active, or done already as a oneshot is.
    LAUNCHED(DesiredState.DESIRED_STATE_LAUNCHED, "launched"),
    /// The same, and well where its health is checked.
    HEALTHY(DesiredState.DESIRED_STATE_LAUNCHED, "launched");

    private final DesiredState desired;
    private final String word;

    Goal(DesiredState desired, String word) {
        this.desired = desired;
        this.word = word;
    }

    DesiredState desired() {
        return desired;
    }

    /// The state that fleet's messages name.
    String word() {
        return word;
    }

    Verdict judge(Unit unit) {
        if (unit.getDesired() != desired) {
            return new Failed(
                    "is wanted " + UnitFileListing.word(unit.getDesired()) + " by now: somebody else has changed it");
        }
        return switch (this) {
            case UNLOADED -> unloaded(unit);
            case STOPPED -> stopped(unit);
            case LOADED, LAUNCHED, HEALTHY -> placed(unit);
        };
    }

    private static Verdict unloaded(Unit unit) {
        for (UnitOnMachine on : unit.getMachinesList()) {
            return Underway.by(on.hasState() ? describe(on.getState()) : "still placed");
        }
        return new Reached(List.of());
    }

    private static Verdict stopped(Unit unit) {
        for (UnitOnMachine on : unit.getMachinesList()) {
            if (on.hasState() && !isDown(on.getState())) {
                return Underway.by(describe(on.getState()));
            }
            if (on.hasPlacement() && !hasStopped(unit, on)) {
                return Underway.by("about to stop");
            }
        }
        return new Reached(List.of());
    }

    /// Whether a machine says that it is down in answer to what is wanted now: it may be starting what was wanted
    /// before, and not have said so yet. One that is lost says nothing.
    private static boolean hasStopped(Unit unit, UnitOnMachine on) {
        boolean lost = !on.hasState()
                && unit.getRefusalsList().stream()
                        .anyMatch(refusal -> refusal.getMachineId().equals(on.getMachineId()));
        return on.getPlacement().getTarget() != DesiredState.DESIRED_STATE_LAUNCHED
                && (lost || on.getState().getPlacementId().equals(on.getPlacement().getId()));
    }

    private Verdict placed(Unit unit) {
        var placed = unit.getMachinesList().stream().filter(UnitOnMachine::hasPlacement).toList();
        if (placed.isEmpty()) {
            return unit.getRefusalsCount() > 0 ? new Held(unit.getRefusalsList()) : Underway.by("not placed yet");
        }
        if (placed.stream().anyMatch(on -> rests(unit, on))) {
            return new Held(unit.getRefusalsList());
        }
        Verdict verdict = new Reached(placed);
        for (UnitOnMachine on : placed) {
            switch (there(unit, on)) {
                case Failed failed -> {
                    return failed;
                }
                case Underway underway -> verdict = underway;
                case Reached _, Held _ -> {}
            }
        }
        boolean away = placed.stream().noneMatch(UnitOnMachine::hasState) && unit.getRefusalsCount() > 0;
        return away ? new Held(unit.getRefusalsList()) : verdict;
    }

    /// Whether it has failed there, and is tried again, there or elsewhere.
    private static boolean rests(Unit unit, UnitOnMachine on) {
        return on.getState().getActive().equals("failed")
                && unit.getRefusalsList().stream()
                        .anyMatch(refusal -> refusal.getMachineId().equals(on.getMachineId()));
    }

    private Verdict there(Unit unit, UnitOnMachine on) {
        PlacementRecord placement = on.getPlacement();
        StateRecord state = on.getState();
        boolean standsBy = desired == DesiredState.DESIRED_STATE_LAUNCHED && standsBy(unit, on);
        if (placement.getTarget() != desired && !standsBy || !placement.getFileHash().equals(unit.getFileHash())
                || placement.getGeneration() != unit.getGeneration()) {
            return Underway.by("about to change");
        }
        if (!state.getPlacementId().equals(placement.getId()) || !state.getFileHash().equals(unit.getFileHash())) {
            return Underway.by("placed");
        }
        if (!state.getLoad().equals("loaded") && isDown(state)) {
            return new Failed(where("cannot be loaded", on, state));
        }
        if (desired == DesiredState.DESIRED_STATE_LAUNCHED && !standsBy) {
            return launched(unit, on, state);
        }
        return isDown(state) ? new Reached(List.of(on)) : underway(state);
    }

    /// Whether a unit that is wanted launched is only loaded there, as another one runs that it stands by for.
    static boolean standsBy(Unit unit, UnitOnMachine on) {
        return !unit.getStandsByFor().isEmpty()
                && on.getPlacement().getTarget() == DesiredState.DESIRED_STATE_LOADED;
    }

    private Verdict launched(Unit unit, UnitOnMachine on, StateRecord state) {
        if (state.getGeneration() != unit.getGeneration()) {
            return underway(state);
        }
        return switch (state.getActive()) {
            case "active", "reloading" -> this == HEALTHY ? healthy(on, state) : new Reached(List.of(on));
            case "inactive" -> new Reached(List.of(on)); // it was started, and is done
            case "failed" -> new Failed(where("failed", on, state));
            default -> state.getSub().equals("auto-restart")
                    ? new Underway(describe(state), Optional.of(where("ended and is started again", on, state)))
                    : underway(state).telling(pullTrouble(on, state));
        };
    }

    private static Verdict healthy(UnitOnMachine on, StateRecord state) {
        return switch (state.getHealth()) {
            case "starting" -> Underway.by(describe(state) + ", its health is not known yet");
            case "unhealthy" -> new Failed(where("is unhealthy", on, state));
            default -> new Reached(List.of(on)); // healthy, or nobody checks
        };
    }

    private static Optional<String> pullTrouble(UnitOnMachine on, StateRecord state) {
        return state.getMessage().contains("which is tried again")
                ? Optional.of(where("waits", on, state))
                : Optional.empty();
    }

    /// What it waits for, if it says so: such as its image, of which each layer is told.
    private static Underway underway(StateRecord state) {
        boolean waits = state.getActive().equals("activating") && !state.getMessage().isEmpty();
        return Underway.by(waits ? state.getMessage() : describe(state));
    }

    private static String where(String what, UnitOnMachine on, StateRecord state) {
        String because = state.getMessage().isEmpty()
                ? state.getLoad().equals("loaded") ? state.getSub() : state.getLoad()
                : state.getMessage();
        return what + " on " + Ids.machine(on.getMachineId(), on.getPublicIp(), false) + ": " + because;
    }

    private static String describe(StateRecord state) {
        return state.getActive() + " (" + state.getSub() + ")";
    }

    static boolean isDown(StateRecord state) {
        return state.getActive().equals("inactive") || state.getActive().equals("failed");
    }
}
