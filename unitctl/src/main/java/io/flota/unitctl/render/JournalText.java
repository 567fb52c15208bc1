package io.flota.unitctl.render;

import io.flota.api.v1.JournalLine;
import java.time.Instant;
import java.time.ZoneId;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/// Lines of a journal in journalctl's forms. The machine stands where journalctl has the host.
public enum JournalText {
    SHORT,
    SHORT_FULL,
    SHORT_ISO,
    SHORT_ISO_PRECISE,
    SHORT_PRECISE,
    SHORT_UNIX,
    WITH_UNIT,
    VERBOSE,
    JSON,
    JSON_PRETTY,
    JSON_SSE,
    JSON_SEQ,
    CAT;

    private static final int HOST_DIGITS = 8;
    private static final String RECORD_SEPARATOR = "\u001e";

    /// As `--output` has it; empty if there is none.
    public static Optional<JournalText> named(String word) {
        return Arrays.stream(values()).filter(form -> form.word().equals(word)).findFirst();
    }

    /// All of them.
    public static String words() {
        return Arrays.stream(values()).map(JournalText::word).collect(Collectors.joining(", "));
    }

    private String word() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    public String line(String machine, JournalLine line, ZoneId zone) {
        return line(machine, line, zone, host(machine));
    }

    /// Of one unit among others, whose name stands beside the machine.
    public String among(String machine, JournalLine line, ZoneId zone, Palette palette) {
        var where = this == WITH_UNIT ? host(machine) : host(machine) + " " + line.getUnit(); // which says it by itself
        return line(machine, line, zone, palette.unit(line.getUnit(), where));
    }

    private String line(String machine, JournalLine line, ZoneId zone, String where) {
        Instant time = Instant.EPOCH.plus(line.getTimeMicros(), ChronoUnit.MICROS);
        var fields = new JournalFields(machine, line);
        return switch (this) {
            case SHORT -> Stamp.JOURNAL.of(time, zone) + " " + where + " " + words(line);
            case SHORT_FULL -> Stamp.FULL.of(time, zone) + " " + where + " " + words(line);
            case SHORT_ISO -> Stamp.ISO.of(time, zone) + " " + where + " " + words(line);
            case SHORT_ISO_PRECISE -> Stamp.ISO_PRECISE.of(time, zone) + " " + where + " " + words(line);
            case SHORT_PRECISE -> Stamp.JOURNAL_PRECISE.of(time, zone) + " " + where + " " + words(line);
            case SHORT_UNIX -> Stamp.unix(time) + " " + where + " " + words(line);
            case WITH_UNIT -> Stamp.FULL.of(time, zone) + " " + where + " " + fields.unitAndPid() + ": "
                    + line.getText() + "\n";
            case VERBOSE -> Stamp.FULL_PRECISE.of(time, zone) + "\n" + fields.indented();
            case JSON -> Json.line(fields.ofJson());
            case JSON_PRETTY -> Json.render(fields.ofJson());
            case JSON_SSE -> "data: " + Json.line(fields.ofJson()) + "\n";
            case JSON_SEQ -> RECORD_SEPARATOR + Json.line(fields.ofJson());
            case CAT -> line.getText() + "\n";
        };
    }

    private static String host(String machine) {
        return machine.substring(0, Math.min(HOST_DIGITS, machine.length()));
    }

    private static String words(JournalLine line) {
        String process = line.getProcess().isEmpty() ? line.getUnit() : line.getProcess();
        return process + ": " + line.getText() + "\n";
    }
}
