package io.flota.unitctl.render;

import io.flota.api.v1.JournalLine;
import java.time.Instant;
import java.time.ZoneId;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;

/// Lines of a journal in journalctl's forms. The machine stands where journalctl has the host.
public enum JournalText {
    SHORT,
    SHORT_ISO,
    CAT,
    JSON;

    private static final int HOST_DIGITS = 8;

    public String line(String machine, JournalLine line, ZoneId zone) {
        return line(machine, line, zone, host(machine));
    }

    /// Of one unit among others, whose name stands beside the machine.
    public String among(String machine, JournalLine line, ZoneId zone, Palette palette) {
        return line(machine, line, zone, palette.unit(line.getUnit(), host(machine) + " " + line.getUnit()));
    }

    private String line(String machine, JournalLine line, ZoneId zone, String where) {
        Instant time = Instant.EPOCH.plus(line.getTimeMicros(), ChronoUnit.MICROS);
        return switch (this) {
            case SHORT -> Times.journal(time, zone) + " " + where + " " + words(line);
            case SHORT_ISO -> time.atZone(zone).toOffsetDateTime().truncatedTo(ChronoUnit.SECONDS) + " " + where + " "
                    + words(line);
            case CAT -> line.getText() + "\n";
            case JSON -> json(machine, line, time);
        };
    }

    private static String host(String machine) {
        return machine.substring(0, Math.min(HOST_DIGITS, machine.length()));
    }

    private static String words(JournalLine line) {
        String process = line.getProcess().isEmpty() ? line.getUnit() : line.getProcess();
        return process + ": " + line.getText() + "\n";
    }

    private static String json(String machine, JournalLine line, Instant time) {
        var value = new LinkedHashMap<String, String>();
        value.put("time", time.toString());
        value.put("machine", machine);
        value.put("unit", line.getUnit());
        value.put("process", line.getProcess());
        value.put("text", line.getText());
        return Json.line(value);
    }
}
