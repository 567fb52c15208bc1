package io.flota.unitctl.render;

import io.flota.api.v1.EventRecord;
import io.flota.api.v1.Refusal;
import io.flota.api.v1.StateRecord;
import io.flota.api.v1.Unit;
import io.flota.api.v1.UnitDetails;
import io.flota.api.v1.UnitOnMachine;
import io.flota.unit.Reservation;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/// `status`: all that is known of a unit, as `systemctl status` shows it, for each machine that has it.
public final class StatusPage {
    private static final int LABEL = 10;

    private final Instant now;
    private final ZoneId zone;
    private final boolean full;
    private final Palette palette;
    private final StringBuilder text = new StringBuilder();

    private StatusPage(Instant now, ZoneId zone, boolean full, Palette palette) {
        this.now = now;
        this.zone = zone;
        this.full = full;
        this.palette = palette;
    }

    /// @param details what machines say of the unit at this moment, by their ids
    /// @param events the unit's last ones
    public static String render(
            Unit unit, Map<String, UnitDetails> details, List<EventRecord> events, Instant now, ZoneId zone, boolean full, Palette palette) {
        var page = new StatusPage(now, zone, full, palette);
        page.head(unit);
        for (UnitOnMachine on : unit.getMachinesList()) {
            page.machine(on, details.getOrDefault(on.getMachineId(), UnitDetails.getDefaultInstance()));
        }
        if (unit.getMachinesCount() == 0) {
            page.line("Active", "inactive (" + (isWanted(unit) ? "waiting" : "dead") + ")");
        }
        page.refusals(unit);
        page.events(events);
        return page.text.toString();
    }

    /// Whether the unit runs wherever it is placed; systemctl's exit status asks the same.
    public static boolean isActive(Unit unit) {
        return unit.getMachinesCount() > 0
                && unit.getMachinesList().stream()
                        .map(on -> on.getState().getActive())
                        .allMatch(active -> active.equals("active") || active.equals("reloading"));
    }

    public static Map<String, Object> value(Unit unit) {
        var value = new LinkedHashMap<String, Object>();
        value.put("unit", unit.getName());
        value.put("description", unit.getDescription());
        value.put("hash", unit.getFileHash());
        value.put("desired", UnitFileListing.word(unit.getDesired()));
        value.put("generation", unit.getGeneration());
        value.put("global", unit.getGlobal());
        if (!unit.getStandsByFor().isEmpty()) {
            value.put("standsByFor", unit.getStandsByFor());
        }
        value.put("properties", properties(unit));
        if (unit.hasReservation()) {
            value.put("cpusReserved", new BigDecimal(Reservation.cores(unit.getReservation().getCpuMillis())));
            value.put("memoryReservedBytes", unit.getReservation().getMemoryBytes());
        }
        value.put("machines", unit.getMachinesList().stream().map(StatusPage::onMachine).toList());
        value.put("refusals", unit.getRefusalsList().stream().map(StatusPage::refusal).toList());
        return value;
    }

    private static Map<String, Object> onMachine(UnitOnMachine on) {
        var value = new LinkedHashMap<>(UnitListing.state(on));
        value.put("target", on.hasPlacement() ? UnitFileListing.word(on.getPlacement().getTarget()) : "");
        value.put("reason", on.getPlacement().getReason());
        return value;
    }

    private static Map<String, Object> refusal(Refusal refusal) {
        var value = new LinkedHashMap<String, Object>();
        value.put("machine", refusal.getMachineId());
        value.put("reason", refusal.getReason());
        return value;
    }

    private void head(Unit unit) {
        String worst = worst(unit);
        text.append(palette.state(worst, "●")).append(' ').append(unit.getName());
        text.append(unit.getDescription().isEmpty() ? "" : " - " + unit.getDescription()).append('\n');
        line("Registered", Ids.hash(unit.getFileHash(), full) + ", wanted " + UnitFileListing.word(unit.getDesired())
                + (unit.getGlobal() ? " on every machine that fits" : ""));
        if (!unit.getStandsByFor().isEmpty()) {
            line("Stands by", "for " + unit.getStandsByFor());
        }
        if (unit.hasReservation()) {
            var kept = unit.getReservation();
            line("Reserves", new Reservation(kept.getCpuMillis(), kept.getMemoryBytes()).toString());
        }
        if (unit.getPropertiesCount() != 0) {
            line("Limits", properties(unit).entrySet().stream()
                    .map(property -> property.getKey() + "=" + property.getValue())
                    .collect(Collectors.joining(" ")));
        }
    }

    private static Map<String, String> properties(Unit unit) {
        return new TreeMap<>(unit.getPropertiesMap());
    }

    private void machine(UnitOnMachine on, UnitDetails details) {
        StateRecord state = on.getState();
        line("Machine", Ids.machine(on.getMachineId(), on.getPublicIp(), full));
        if (!on.getPlacement().getReason().isEmpty()) {
            line("Placed", on.getPlacement().getReason());
        }
        if (!on.hasState()) {
            line("Active", "unknown (the machine has not reported)");
            return;
        }
        line("Loaded", state.getLoad() + " (" + Ids.hash(state.getFileHash(), full) + ")");
        String active = state.getActive();
        line("Active", palette.state(active, active + " (" + state.getSub() + ")") + since(state));
        if (!state.getHealth().isEmpty()) {
            line("Health", palette.health(state.getHealth()));
        }
        if (state.getMainPid() != 0) {
            line("Main PID", state.getMainPid() + program(state.getMainPid(), details));
        } else if (!details.getMainExit().isEmpty()) {
            line("Main PID", "none (" + details.getMainExit() + ")");
        }
        if (state.getRestarts() != 0) {
            line("Restarts", Integer.toString(state.getRestarts()));
        }
        if (!state.getMessage().isEmpty()) {
            line("Message", state.getMessage());
        }
        UnitDetailsLines.of(details).forEach(line -> line(line.label(), line.value()));
    }

    private static String program(long pid, UnitDetails details) {
        return details.getProcessesList().stream()
                .filter(process -> process.getPid() == pid)
                .findFirst()
                .map(process -> process.getCommand().split(" ", 2)[0])
                .map(path -> " (" + path.substring(path.lastIndexOf('/') + 1) + ")")
                .orElse("");
    }

    private String since(StateRecord state) {
        if (state.getSinceMillis() == 0) {
            return "";
        }
        var since = Instant.ofEpochMilli(state.getSinceMillis());
        return " since " + Stamp.FULL.of(since, zone) + "; " + Times.span(Duration.between(since, now)) + " ago";
    }

    private void refusals(Unit unit) {
        String label = "Waiting";
        for (Refusal refusal : unit.getRefusalsList()) {
            line(label, Refusals.line(refusal));
            label = "";
        }
    }

    private void events(List<EventRecord> events) {
        String label = "Events";
        for (EventRecord event : events) {
            line(label, EventListing.words(event, zone));
            label = "";
        }
    }

    /// Continued lines stand under the first one.
    private void line(String label, String value) {
        text.repeat(' ', Math.max(0, LABEL + 1 - label.length())).append(label).append(label.isEmpty() ? "  " : ": ");
        text.append(value.stripTrailing().replace("\n", "\n" + " ".repeat(LABEL + 3))).append('\n');
    }

    private static boolean isWanted(Unit unit) {
        return !unit.getRefusalsList().isEmpty();
    }

    private static String worst(Unit unit) {
        String worst = "";
        for (UnitOnMachine on : unit.getMachinesList()) {
            String active = on.getState().getActive();
            if (active.equals("failed")) {
                return active;
            }
            worst = worst.isEmpty() || worst.equals("active") ? active : worst;
        }
        return worst;
    }
}
