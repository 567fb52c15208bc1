package io.flota.unitctl.render;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/// Times as systemd and journalctl write them.
final class Times {
    private static final DateTimeFormatter STAMP =
            DateTimeFormatter.ofPattern("EEE yyyy-MM-dd HH:mm:ss z", Locale.ROOT);
    private static final DateTimeFormatter STAMP_PRECISE =
            DateTimeFormatter.ofPattern("EEE yyyy-MM-dd HH:mm:ss.SSSSSS z", Locale.ROOT);
    private static final DateTimeFormatter JOURNAL = DateTimeFormatter.ofPattern("MMM dd HH:mm:ss", Locale.ROOT);
    private static final DateTimeFormatter JOURNAL_PRECISE =
            DateTimeFormatter.ofPattern("MMM dd HH:mm:ss.SSSSSS", Locale.ROOT);
    private static final DateTimeFormatter ISO = DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ssxxx", Locale.ROOT);
    private static final DateTimeFormatter ISO_PRECISE =
            DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSSSSSxxx", Locale.ROOT);

    private Times() {}

    static String stamp(Instant time, ZoneId zone) {
        return STAMP.format(time.atZone(zone));
    }

    static String journal(Instant time, ZoneId zone) {
        return JOURNAL.format(time.atZone(zone));
    }

    static String stampPrecise(Instant time, ZoneId zone) {
        return STAMP_PRECISE.format(time.atZone(zone));
    }

    static String journalPrecise(Instant time, ZoneId zone) {
        return JOURNAL_PRECISE.format(time.atZone(zone));
    }

    static String iso(Instant time, ZoneId zone) {
        return ISO.format(time.atZone(zone));
    }

    static String isoPrecise(Instant time, ZoneId zone) {
        return ISO_PRECISE.format(time.atZone(zone));
    }

    /// Seconds since 1970.
    static String unix(Instant time) {
        return String.format(Locale.ROOT, "%d.%06d", time.getEpochSecond(), time.getNano() / 1000);
    }

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
