package io.flota.unitctl.render;

import io.flota.api.v1.EventKind;
import io.flota.api.v1.EventRecord;
import java.time.Instant;
import java.time.ZoneId;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/// `events`.
public final class EventListing extends Listing<EventRecord> {
    private static final int TAB = 8;

    private final ZoneId zone;

    public EventListing(ZoneId zone) {
        this.zone = zone;
    }

    @Override
    public List<String> fields() {
        return List.of("time", "kind", "unit", "machine", "reason", "source", "placement");
    }

    @Override
    public List<String> usual() {
        return List.of("time", "kind", "unit", "machine", "reason");
    }

    @Override
    public List<String> wide() {
        return List.of("time", "kind", "unit", "machine", "source", "placement", "reason");
    }

    /// So that lines that come one by one stand under each other as a rule.
    @Override
    int least(String field) {
        return switch (field) {
            case "time", "machine" -> 2 * TAB;
            case "kind", "unit" -> 3 * TAB;
            default -> 0;
        };
    }

    @Override
    String cell(EventRecord event, String field, boolean full, Palette palette) {
        return switch (field) {
            case "time" -> time(event, full);
            case "kind" -> palette.state(colour(event), kind(event));
            case "unit" -> event.getUnit();
            case "machine" -> machine(event.getMachineId(), full);
            case "reason" -> event.getReason();
            case "source" -> machine(event.getSource(), full);
            case "placement" -> event.getPlacementId();
            default -> throw new IllegalArgumentException("no such field: " + field);
        };
    }

    @Override
    Map<String, Object> value(EventRecord event) {
        return new LinkedHashMap<>(flat(event));
    }

    /// On one line, for output that goes on.
    public static String line(EventRecord event) {
        return Json.line(flat(event));
    }

    /// As a unit's own page has it: `Nov 21 09:55:00 started on 85c0c595...: it is wanted launched`.
    public static String words(EventRecord event, ZoneId zone) {
        String near = event.getKind() == EventKind.EVENT_KIND_MOVED ? " to " : " on ";
        String where = event.getMachineId().isEmpty() ? "" : near + Ids.shortened(event.getMachineId());
        return Stamp.JOURNAL.of(Instant.ofEpochMilli(event.getTimeMillis()), zone) + " " + kind(event) + where + ": "
                + event.getReason();
    }

    private static Map<String, String> flat(EventRecord event) {
        var value = new LinkedHashMap<String, String>();
        value.put("time", Instant.ofEpochMilli(event.getTimeMillis()).toString());
        value.put("kind", kind(event));
        value.put("unit", event.getUnit());
        value.put("machine", event.getMachineId());
        value.put("reason", event.getReason());
        value.put("source", event.getSource());
        value.put("placement", event.getPlacementId());
        return value;
    }

    private String time(EventRecord event, boolean full) {
        var time = Instant.ofEpochMilli(event.getTimeMillis());
        return full
                ? time.atZone(zone).toOffsetDateTime().truncatedTo(ChronoUnit.MILLIS).toString()
                : Stamp.JOURNAL.of(time, zone);
    }

    /// `machine-lost`.
    private static String kind(EventRecord event) {
        return event.getKind().name().replace("EVENT_KIND_", "").toLowerCase(Locale.ROOT).replace('_', '-');
    }

    private static String colour(EventRecord event) {
        return switch (event.getKind()) {
            case EVENT_KIND_STARTED, EVENT_KIND_MACHINE_RETURNED, EVENT_KIND_VALVE_OPENED -> "active";
            case EVENT_KIND_FAILED, EVENT_KIND_MACHINE_LOST, EVENT_KIND_VALVE_CLOSED, EVENT_KIND_FENCED -> "failed";
            default -> "";
        };
    }

    /// A machine's id, or another source's name as it is.
    private static String machine(String id, boolean full) {
        return full || !id.matches("[0-9a-f]{32}") ? id : Ids.shortened(id);
    }
}
