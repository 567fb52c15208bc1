package io.flota.unitctl.render;

import io.flota.api.v1.EndpointRecord;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/// `list-endpoints`: where units can be reached, one row for each service and unit; followed, one for each change.
public final class EndpointListing extends Listing<EndpointListing.Row> {
    private static final int TAB = 8;

    /// @param change what has happened to it: `there` from the beginning, `added`, `changed` or `gone`; empty if it is
    ///     not followed
    public record Row(EndpointRecord endpoint, String change) {}

    private final boolean follows;

    /// @param follows whether changes are shown
    public EndpointListing(boolean follows) {
        this.follows = follows;
    }

    public static List<Row> rows(List<EndpointRecord> endpoints) {
        return endpoints.stream().map(endpoint -> new Row(endpoint, "")).toList();
    }

    /// What becomes of endpoints: in the order of services and units.
    ///
    /// @param begun whether the first ones have been shown
    public static List<Row> changes(List<EndpointRecord> before, List<EndpointRecord> after, boolean begun) {
        var known = new TreeMap<String, EndpointRecord>();
        before.forEach(endpoint -> known.put(key(endpoint), endpoint));
        var rows = new TreeMap<String, Row>();
        for (var endpoint : after) {
            var last = known.remove(key(endpoint));
            if (last == null) {
                rows.put(key(endpoint), new Row(endpoint, begun ? "added" : "there"));
            } else if (!last.equals(endpoint)) {
                rows.put(key(endpoint), new Row(endpoint, "changed"));
            }
        }
        known.forEach((key, gone) -> rows.put(key, new Row(gone, "gone")));
        return List.copyOf(rows.values());
    }

    private static String key(EndpointRecord endpoint) {
        return endpoint.getService() + "/" + endpoint.getUnit();
    }

    @Override
    public List<String> fields() {
        return shown("service", "unit", "machine", "address", "port", "attributes", "epoch", "since", "until");
    }

    @Override
    public List<String> usual() {
        return shown("service", "unit", "machine", "address", "port", "attributes");
    }

    @Override
    public List<String> wide() {
        return shown("service", "unit", "machine", "address", "port", "attributes", "epoch", "since");
    }

    private List<String> shown(String... fields) {
        var shown = new ArrayList<String>();
        if (follows) {
            shown.add("change");
        }
        shown.addAll(List.of(fields));
        return List.copyOf(shown);
    }

    /// Rows that come later are to stand below the first ones.
    @Override
    int least(String field) {
        return !follows
                ? 0
                : switch (field) {
                    case "service", "machine", "address" -> 2 * TAB;
                    case "unit" -> 3 * TAB;
                    default -> TAB;
                };
    }

    @Override
    String cell(Row row, String field, boolean full, Palette palette) {
        var endpoint = row.endpoint();
        return switch (field) {
            case "change" -> palette.state(row.change().equals("gone") ? "failed" : "", row.change());
            case "service" -> endpoint.getService();
            case "unit" -> endpoint.getUnit();
            case "machine" -> Ids.machine(endpoint.getMachineId(), "", full);
            case "address" -> endpoint.getAddress();
            case "port" -> Integer.toString(endpoint.getPort());
            case "attributes" -> attributes(endpoint);
            case "epoch" -> Long.toString(endpoint.getEpoch());
            case "since" -> time(endpoint.getSinceMillis());
            case "until" -> time(endpoint.getUntilMillis());
            default -> throw new IllegalArgumentException("no such field: " + field);
        };
    }

    @Override
    Map<String, Object> value(Row row) {
        var endpoint = row.endpoint();
        var value = new LinkedHashMap<String, Object>();
        value.put("service", endpoint.getService());
        value.put("unit", endpoint.getUnit());
        value.put("machine", endpoint.getMachineId());
        value.put("address", endpoint.getAddress());
        value.put("port", endpoint.getPort());
        value.put("attributes", new TreeMap<>(endpoint.getAttributesMap()));
        value.put("epoch", endpoint.getEpoch());
        value.put("since", time(endpoint.getSinceMillis()));
        value.put("until", time(endpoint.getUntilMillis()));
        return value;
    }

    /// On one line, for output that goes on; all values are strings.
    public static String line(Row row) {
        var endpoint = row.endpoint();
        var value = new LinkedHashMap<String, String>();
        value.put("change", row.change());
        value.put("service", endpoint.getService());
        value.put("unit", endpoint.getUnit());
        value.put("machine", endpoint.getMachineId());
        value.put("address", endpoint.getAddress());
        value.put("port", Integer.toString(endpoint.getPort()));
        value.put("attributes", attributes(endpoint));
        value.put("epoch", Long.toString(endpoint.getEpoch()));
        value.put("since", time(endpoint.getSinceMillis()));
        value.put("until", time(endpoint.getUntilMillis()));
        return Json.line(value);
    }

    private static String attributes(EndpointRecord endpoint) {
        return new TreeMap<>(endpoint.getAttributesMap())
                .entrySet().stream().map(it -> it.getKey() + "=" + it.getValue()).collect(Collectors.joining(" "));
    }

    private static String time(long millis) {
        return millis == 0 ? "" : Instant.ofEpochMilli(millis).toString();
    }
}
