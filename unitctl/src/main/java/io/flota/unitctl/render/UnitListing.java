package io.flota.unitctl.render;

import io.flota.api.v1.ListUnitsReply;
import io.flota.api.v1.StateRecord;
import io.flota.api.v1.Unit;
import io.flota.api.v1.UnitOnMachine;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// `list-units`: one row for each unit and machine that reports a state.
public final class UnitListing extends Listing<UnitListing.Row> {
    public record Row(Unit unit, UnitOnMachine on) {}

    public static List<Row> rows(ListUnitsReply reply) {
        var rows = new ArrayList<Row>();
        for (Unit unit : reply.getUnitsList()) {
            for (UnitOnMachine on : unit.getMachinesList()) {
                if (on.hasState()) {
                    rows.add(new Row(unit, on));
                }
            }
        }
        return rows;
    }

    @Override
    public List<String> fields() {
        return List.of(
                "unit", "load", "active", "sub", "machine", "hash", "health", "pid", "restarts", "since", "message");
    }

    @Override
    public List<String> usual() {
        return List.of("unit", "machine", "active", "sub");
    }

    @Override
    public List<String> wide() {
        return List.of("unit", "machine", "load", "active", "sub", "health", "hash", "pid", "restarts", "message");
    }

    @Override
    String cell(Row row, String field, boolean full, Palette palette) {
        StateRecord state = row.on.getState();
        return switch (field) {
            case "unit" -> row.unit.getName();
            case "load" -> state.getLoad();
            case "active" -> palette.state(state.getActive(), state.getActive());
            case "sub" -> palette.state(state.getActive(), state.getSub());
            case "machine" -> Ids.machine(row.on.getMachineId(), row.on.getPublicIp(), full);
            case "hash" -> Ids.hash(state.getFileHash(), full);
            case "health" -> palette.health(state.getHealth());
            case "pid" -> state.getMainPid() == 0 ? "" : Long.toString(state.getMainPid());
            case "restarts" -> Integer.toString(state.getRestarts());
            case "since" -> since(state);
            case "message" -> message(row).replace('\n', ' ');
            default -> throw new IllegalArgumentException("no such field: " + field);
        };
    }

    @Override
    Map<String, Object> value(Row row) {
        var value = new LinkedHashMap<String, Object>();
        value.put("unit", row.unit.getName());
        value.putAll(state(row.on));
        value.put("message", message(row));
        return value;
    }

    /// Of one that only stands by for another one, that it does.
    private static String message(Row row) {
        String message = row.on.getState().getMessage();
        return message.isEmpty() && !row.unit.getStandsByFor().isEmpty()
                ? "stands by for " + row.unit.getStandsByFor()
                : message;
    }

    /// A unit's state on one machine as a tree.
    static Map<String, Object> state(UnitOnMachine on) {
        StateRecord state = on.getState();
        var value = new LinkedHashMap<String, Object>();
        value.put("machine", on.getMachineId());
        value.put("ip", on.getPublicIp());
        value.put("load", state.getLoad());
        value.put("active", state.getActive());
        value.put("sub", state.getSub());
        value.put("hash", state.getFileHash());
        value.put("health", state.getHealth());
        value.put("pid", state.getMainPid());
        value.put("restarts", state.getRestarts());
        value.put("since", since(state));
        value.put("message", state.getMessage());
        return value;
    }

    private static String since(StateRecord state) {
        return state.getSinceMillis() == 0 ? "" : Instant.ofEpochMilli(state.getSinceMillis()).toString();
    }
}
