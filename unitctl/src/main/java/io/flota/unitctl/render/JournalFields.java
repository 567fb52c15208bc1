package io.flota.unitctl.render;

import io.flota.api.v1.JournalLine;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/// What is known of a line, by the names that journald has for it. Agents do not tell the rest, such as priorities.
record JournalFields(String machine, JournalLine line) {
    /// As agents tell it.
    private static final Pattern PROCESS = Pattern.compile("(?s)(.*)\\[(\\d+)]");
    private static final String INDENT = "    ";
    /// Who tells of units, in journals of systemd's: another systemd is what a unit runs.
    private static final String TELLER = "systemd[1]";

    private Map<String, String> fields() {
        var fields = new LinkedHashMap<String, String>();
        fields.put("__REALTIME_TIMESTAMP", Long.toString(line.getTimeMicros()));
        fields.put("_MACHINE_ID", machine);
        fields.put(line.getProcess().equals(TELLER) ? "UNIT" : "_SYSTEMD_UNIT", line.getUnit());
        if (!name().isEmpty()) {
            fields.put("SYSLOG_IDENTIFIER", name());
        }
        pid().ifPresent(pid -> fields.put("_PID", pid));
        fields.put("MESSAGE", line.getText());
        return fields;
    }

    /// In words of our own, and then in journald's.
    Map<String, String> ofJson() {
        var all = new LinkedHashMap<String, String>();
        all.put("time", Instant.EPOCH.plus(line.getTimeMicros(), ChronoUnit.MICROS).toString());
        all.put("machine", machine);
        all.put("unit", line.getUnit());
        all.put("process", line.getProcess());
        all.put("text", line.getText());
        all.putAll(fields());
        return all;
    }

    /// Each on a line; of one that has several, the others stand below its first.
    String indented() {
        return fields().entrySet().stream()
                .filter(field -> !field.getKey().startsWith("__")) // the time is told above
                .map(field -> indented(INDENT + field.getKey() + "=", field.getValue()))
                .collect(Collectors.joining("\n", "", "\n"));
    }

    private static String indented(String begin, String value) {
        return begin + value.replace("\n", "\n" + " ".repeat(begin.length()));
    }

    String unitAndPid() {
        return line.getUnit() + pid().map(pid -> "[" + pid + "]").orElse("");
    }

    private String name() {
        var parts = PROCESS.matcher(line.getProcess());
        return parts.matches() ? parts.group(1) : line.getProcess();
    }

    private Optional<String> pid() {
        var parts = PROCESS.matcher(line.getProcess());
        return parts.matches() ? Optional.of(parts.group(2)) : Optional.empty();
    }
}
