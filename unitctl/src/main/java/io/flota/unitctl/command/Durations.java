package io.flota.unitctl.command;

import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Times on the command line: `3`, `2.5`, `500ms`, `3s`, `2min`.
final class Durations {
    private static final Pattern FORM = Pattern.compile("(\\d{1,6}(?:\\.\\d{1,3})?)\\s*(ms|s|min|)");

    private Durations() {}

    /// @throws IllegalArgumentException whose message says how to write it
    static Duration parse(String text) {
        Matcher matcher = FORM.matcher(text.trim());
        if (!matcher.matches()) {
            throw new IllegalArgumentException("\"" + text + "\" is not a time: write it as 3s, 500ms or 2min");
        }
        double amount = Double.parseDouble(matcher.group(1));
        double millis =
                switch (matcher.group(2)) {
                    case "ms" -> amount;
                    case "min" -> amount * 60_000;
                    default -> amount * 1000;
                };
        if (millis < 1) {
            throw new IllegalArgumentException("\"" + text + "\" is too short a time");
        }
        return Duration.ofMillis(Math.round(millis));
    }
}
