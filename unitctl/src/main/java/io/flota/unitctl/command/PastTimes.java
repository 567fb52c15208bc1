package io.flota.unitctl.command;

import io.flota.unit.TimeSpan;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.ZoneId;
import java.util.regex.Pattern;

/// Moments of the past on the command line, in the forms of journalctl's that are used most.
final class PastTimes {
    private static final Pattern AGO = Pattern.compile("-?(\\d[^:-]*?)(?: ago)?");

    private PastTimes() {}

    /// @param zone of times that name none
    /// @throws IllegalArgumentException whose message says how to write it
    static Instant parse(String text, Instant now, ZoneId zone) {
        var words = text.trim();
        var today = LocalDate.ofInstant(now, zone);
        try {
            var ago = AGO.matcher(words);
            if (ago.matches()) {
                var then = now.minus(TimeSpan.parse(ago.group(1)));
                return then.isBefore(Instant.EPOCH) ? Instant.EPOCH : then;
            }
            return switch (words) {
                case "now" -> now;
                case "today" -> today.atStartOfDay(zone).toInstant();
                case "yesterday" -> today.minusDays(1).atStartOfDay(zone).toInstant();
                default -> moment(words, today, zone);
            };
        } catch (IllegalArgumentException | DateTimeException _) {
            throw new IllegalArgumentException("\"" + text + "\" is not a time: write it as 2026-11-21 12:30:00, 12:30,"
                    + " today, yesterday or 5min");
        }
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
