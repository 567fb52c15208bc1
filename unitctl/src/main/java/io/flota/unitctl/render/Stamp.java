package io.flota.unitctl.render;

import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/// Moments as systemd and journalctl write them.
enum Stamp {
    FULL("EEE yyyy-MM-dd HH:mm:ss z"),
    FULL_PRECISE("EEE yyyy-MM-dd HH:mm:ss.SSSSSS z"),
    JOURNAL("MMM dd HH:mm:ss"),
    JOURNAL_PRECISE("MMM dd HH:mm:ss.SSSSSS"),
    ISO("yyyy-MM-dd'T'HH:mm:ssxxx"),
    ISO_PRECISE("yyyy-MM-dd'T'HH:mm:ss.SSSSSSxxx");

    private final DateTimeFormatter form;

    Stamp(String pattern) {
        this.form = DateTimeFormatter.ofPattern(pattern, Locale.ROOT);
    }

    String of(Instant time, ZoneId zone) {
        return form.format(time.atZone(zone));
    }

    /// Seconds since 1970.
    static String unix(Instant time) {
        return String.format(Locale.ROOT, "%d.%06d", time.getEpochSecond(), time.getNano() / 1000);
    }
}
