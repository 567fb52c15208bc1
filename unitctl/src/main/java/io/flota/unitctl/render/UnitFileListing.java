package io.flota.unitctl.render;

import io.flota.api.v1.DesiredState;
import io.flota.api.v1.PlacementRecord;
import io.flota.api.v1.StateRecord;
import io.flota.api.v1.Unit;
import io.flota.api.v1.UnitOnMachine;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// `list-unit-files`: what is registered, what is wanted of it and how far that is.
public final class UnitFileListing extends Listing<Unit> {
    @Override
    public List<String> fields() {
        return List.of("unit", "hash", "desc", "dstate", "state", "target", "tmachine", "global");
    }

    @Override
    public List<String> usual() {
        return List.of("unit", "hash", "dstate", "state", "target");
    }

    @Override
    public List<String> wide() {
        return List.of("unit", "hash", "dstate", "state", "target", "global", "desc");
    }

    @Override
    String cell(Unit unit, String field, boolean full, Palette palette) {
        return switch (field) {
            case "unit" -> unit.getName();
            case "hash" -> Ids.hash(unit.getFileHash(), full);
            case "desc" -> unit.getDescription();
            case "dstate" -> word(unit.getDesired());
            case "state" -> unit.getGlobal() ? "" : word(current(unit));
            case "target", "tmachine" ->
                unit.getGlobal()
                        ? "global"
                        : placed(unit)
                                .map(on -> Ids.machine(on.getMachineId(), on.getPublicIp(), full))
                                .orElse("");
            case "global" -> Boolean.toString(unit.getGlobal());
            default -> throw new IllegalArgumentException("no such field: " + field);
        };
    }

    @Override
    Map<String, Object> value(Unit unit) {
        var value = new LinkedHashMap<String, Object>();
        value.put("unit", unit.getName());
        value.put("hash", unit.getFileHash());
        value.put("desc", unit.getDescription());
        value.put("dstate", word(unit.getDesired()));
        value.put("state", word(current(unit)));
        value.put("global", unit.getGlobal());
        value.put(
                "targets",
                unit.getMachinesList().stream()
                        .filter(UnitOnMachine::hasPlacement)
                        .map(UnitOnMachine::getMachineId)
                        .toList());
        return value;
    }

    /// `inactive`, `loaded` or `launched`.
    public static String word(DesiredState state) {
        return switch (state) {
            case DESIRED_STATE_INACTIVE -> "inactive";
            case DESIRED_STATE_LOADED -> "loaded";
            case DESIRED_STATE_LAUNCHED -> "launched";
            case DESIRED_STATE_UNSPECIFIED, UNRECOGNIZED -> "";
        };
    }

    private static Optional<UnitOnMachine> placed(Unit unit) {
        return unit.getMachinesList().stream().filter(UnitOnMachine::hasPlacement).findFirst();
    }

    /// How far the unit has come, fleet's rule: `launched` says that its start was asked for there, not that it runs.
    private static DesiredState current(Unit unit) {
        return placed(unit)
                .filter(UnitOnMachine::hasState)
                .map(on -> reached(on.getPlacement(), on.getState()))
                .orElse(DesiredState.DESIRED_STATE_INACTIVE);
    }

    private static DesiredState reached(PlacementRecord placement, StateRecord state) {
        boolean started = state.getGeneration() == placement.getGeneration()
                || !state.getActive().equals("inactive") && !state.getActive().equals("failed");
        return placement.getTarget() == DesiredState.DESIRED_STATE_LAUNCHED && started
                ? DesiredState.DESIRED_STATE_LAUNCHED
                : DesiredState.DESIRED_STATE_LOADED;
    }
}
