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
        Instant time = Instant.EPOCH.plus(line.getTimeMicros(), ChronoUnit.MICROS);
        return switch (this) {
            case SHORT -> Times.journal(time, zone) + " " + origin(machine, line);
            case SHORT_ISO -> time.atZone(zone).toOffsetDateTime().truncatedTo(ChronoUnit.SECONDS) + " "
                    + origin(machine, line);
            case CAT -> line.getText() + "\n";
            case JSON -> json(machine, line, time);
        };
    }

    private static String origin(String machine, JournalLine line) {
        String host = machine.substring(0, Math.min(HOST_DIGITS, machine.length()));
        String process = line.getProcess().isEmpty() ? line.getUnit() : line.getProcess();
        return host + " " + process + ": " + line.getText() + "\n";
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
