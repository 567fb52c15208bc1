package io.flota.daemon.fleet;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Duration;
import java.util.Map;
import java.util.regex.Pattern;

/// Values as Go's flags take them, which fleet's settings were.
final class GoValue {
    private static final Map<String, Long> NANOS = Map.of(
            "ns", 1L, "us", 1_000L, "µs", 1_000L, "μs", 1_000L, "ms", 1_000_000L, "s", 1_000_000_000L,
            "m", 60_000_000_000L, "h", 3_600_000_000_000L);
    private static final String NUMBER = "(?:\\d{1,18}(?:\\.\\d{0,18})?|\\.\\d{1,18})";
    private static final Pattern PART = Pattern.compile("(" + NUMBER + ")(ns|us|µs|μs|ms|s|m|h)");
    private static final Pattern DURATION = Pattern.compile("\\+?(?:" + PART.pattern() + ")+");
    private static final BigDecimal LONGEST = BigDecimal.valueOf(Long.MAX_VALUE);

    private GoValue() {}

    /// @throws IllegalArgumentException whose message goes behind the value
    static boolean truth(String text) {
        return switch (text) {
            case "1", "t", "T", "TRUE", "true", "True" -> true;
            case "0", "f", "F", "FALSE", "false", "False" -> false;
            default -> throw new IllegalArgumentException("is neither true nor false");
        };
    }

    /// @throws IllegalArgumentException whose message goes behind the value
    static int wholeNumber(String text) {
        try {
            return Integer.parseInt(text);
        } catch (NumberFormatException _) {
            throw new IllegalArgumentException("is no whole number");
        }
    }

    /// A number of seconds.
    ///
    /// @throws IllegalArgumentException whose message goes behind the value
    static Duration seconds(String text) {
        if (!text.matches("\\+?" + NUMBER)) {
            throw new IllegalArgumentException("is no number of seconds; write it as 1.5");
        }
        return nanos(new BigDecimal(text).movePointRight(9));
    }

    /// @throws IllegalArgumentException whose message goes behind the value
    static Duration duration(String text) {
        if (text.equals("0")) {
            return Duration.ZERO;
        }
        if (text.matches(NUMBER)) {
            throw new IllegalArgumentException("has no unit; write " + text + "s for seconds");
        }
        if (!DURATION.matcher(text).matches()) {
            throw new IllegalArgumentException("is no span of time; write it as 30s, 1m30s or 500ms");
        }
        var sum = PART.matcher(text)
                .results()
                .map(part -> new BigDecimal(part.group(1)).multiply(BigDecimal.valueOf(NANOS.get(part.group(2)))))
                .reduce(BigDecimal.ZERO, BigDecimal::add);
        return nanos(sum);
    }

    private static Duration nanos(BigDecimal nanos) {
        if (nanos.compareTo(LONGEST) > 0) {
            throw new IllegalArgumentException("is too long");
        }
        return Duration.ofNanos(nanos.setScale(0, RoundingMode.DOWN).longValueExact());
    }
}
