package io.flota.unitctl.render;

import java.time.Duration;

/// Spans of time as systemd writes them.
final class Times {
    private Times() {}

    /// The two largest parts: `2h 5min`, `3 days 1h`, `12s`.
    static String span(Duration span) {
        if (span.isNegative() || span.toSeconds() == 0) {
            return "0s";
        }
        long days = span.toDays();
        if (days > 0) {
            return days + (days == 1 ? " day" : " days") + part(span.toHoursPart(), "h");
        }
        if (span.toHours() > 0) {
            return span.toHours() + "h" + part(span.toMinutesPart(), "min");
        }
        if (span.toMinutes() > 0) {
            return span.toMinutes() + "min" + part(span.toSecondsPart(), "s");
        }
        return span.toSeconds() + "s";
    }

    private static String part(int amount, String unit) {
        return amount == 0 ? "" : " " + amount + unit;
    }
}
