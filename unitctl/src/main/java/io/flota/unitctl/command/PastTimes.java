package io.flota.unitctl.command;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.ZoneId;
import java.util.regex.Pattern;

/// Moments of the past on the command line, in the forms of journalctl's that are used most.
final class PastTimes {
    private static final Pattern AGO = Pattern.compile("-?(\\d{1,6}) ?(s|sec|m|min|h|d|days?)(?: ago)?");

    private PastTimes() {}

    /// @param zone of times that name none
    /// @throws IllegalArgumentException whose message says how to write it
    static Instant parse(String text, Instant now, ZoneId zone) {
        var words = text.trim();
        var today = LocalDate.ofInstant(now, zone);
        var ago = AGO.matcher(words);
        if (ago.matches()) {
            return now.minus(span(Long.parseLong(ago.group(1)), ago.group(2)));
        }
        try {
            return switch (words) {
                case "now" -> now;
                case "today" -> today.atStartOfDay(zone).toInstant();
                case "yesterday" -> today.minusDays(1).atStartOfDay(zone).toInstant();
                default -> moment(words, today, zone);
            };
        } catch (DateTimeException _) {
            throw new IllegalArgumentException("\"" + text + "\" is not a time: write it as 2026-11-21 12:30:00, 12:30,"
                    + " today, yesterday or 5min");
        }
    }

    private static Duration span(long amount, String unit) {
        return switch (unit) {
            case "s", "sec" -> Duration.ofSeconds(amount);
            case "m", "min" -> Duration.ofMinutes(amount);
            case "h" -> Duration.ofHours(amount);
            default -> Duration.ofDays(amount);
        };
    }

    private static Instant moment(String words, LocalDate today, ZoneId zone) {
        if (words.endsWith("Z")) {
            return Instant.parse(words.replace(' ', 'T'));
        }
        if (words.indexOf('-') < 0) {
            return today.atTime(LocalTime.parse(words)).atZone(zone).toInstant();
        }
        return words.indexOf(':') < 0
                ? LocalDate.parse(words).atStartOfDay(zone).toInstant()
                : LocalDateTime.parse(words.replace(' ', 'T')).atZone(zone).toInstant();
    }
}
