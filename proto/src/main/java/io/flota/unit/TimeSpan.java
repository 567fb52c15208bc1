package io.flota.unit;

import com.google.common.base.CharMatcher;
import com.google.common.collect.ImmutableMap;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.regex.Pattern;

/// Spans of time as systemd writes them: `90`, `1min 30s`, `2h500ms`, `infinity`.
public final class TimeSpan {
    /// What `infinity` becomes, and what is longer than this: all that nanoseconds can count, some 292 years. It can
    /// be added to any time of this era.
    public static final Duration FOREVER = Duration.ofNanos(Long.MAX_VALUE);

    private static final ImmutableMap<String, Duration> UNITS = units();

    /// A number and what may be a unit. Two parts need a blank or a unit between them.
    private static final Pattern PART = Pattern.compile(
            "[ \t]*(\\d{1,19}(?:\\.\\d{1,19})?|\\.\\d{1,19})(?:[ \t]*([a-zA-Zµμ]+)|(?=[ \t]|$))[ \t]*");

    private TimeSpan() {}

    /// A number without a unit counts seconds.
    ///
    /// @throws IllegalArgumentException whose message says what is wrong
    public static Duration parse(String value) {
        String text = CharMatcher.anyOf(" \t").trimFrom(value);
        if (text.equals("infinity")) {
            return FOREVER;
        }
        var nanos = BigDecimal.ZERO;
        var parts = PART.matcher(text);
        int at = 0;
        for (; at < text.length() && parts.find() && parts.start() == at; at = parts.end()) {
            var unit = UNITS.get(parts.group(2) == null ? "s" : parts.group(2));
            if (unit == null) {
                throw new IllegalArgumentException(Excerpt.of(value) + " is not a span of time: " + parts.group(2)
                        + " is no unit. Use us, ms, s, min, h, d, w, M or y");
            }
            nanos = nanos.add(new BigDecimal(parts.group(1)).multiply(BigDecimal.valueOf(unit.toNanos())));
        }
        if (at < text.length() || text.isEmpty()) {
            throw new IllegalArgumentException(
                    Excerpt.of(value) + " is not a span of time. Write it as 90, 1min 30s, 500ms or infinity");
        }
        boolean tooLong = nanos.compareTo(BigDecimal.valueOf(Long.MAX_VALUE)) > 0;
        return tooLong ? FOREVER : Duration.ofNanos(nanos.longValue());
    }

    private static ImmutableMap<String, Duration> units() {
        var units = ImmutableMap.<String, Duration>builder();
        ImmutableMap.of(
                        Duration.ofNanos(1000), "usec us µs μs",
                        Duration.ofMillis(1), "msec ms",
                        Duration.ofSeconds(1), "seconds second sec s",
                        Duration.ofMinutes(1), "minutes minute min m",
                        Duration.ofHours(1), "hours hour hr h",
                        Duration.ofDays(1), "days day d",
                        Duration.ofDays(7), "weeks week w",
                        Duration.ofSeconds(2_629_800), "months month M", // 30.44 days
                        Duration.ofSeconds(31_557_600), "years year y") // 365.25 days
                .forEach((unit, names) -> {
                    for (var name : names.split(" ")) {
                        units.put(name, unit);
                    }
                });
        return units.build();
    }
}
