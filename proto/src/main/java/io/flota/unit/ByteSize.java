package io.flota.unit;

import com.google.common.base.CharMatcher;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.regex.Pattern;

/// Sizes as systemd writes them: `65536`, `64M`, `1.5G`, `1G 512M`, `infinity`; K is 1024.
public final class ByteSize {
    /// What `infinity` becomes.
    public static final long UNLIMITED = Long.MAX_VALUE;

    private static final String UNITS = "BKMGTPE";
    private static final Pattern PART =
            Pattern.compile("[ \t]*(\\d{1,19}(?:\\.\\d{1,19})?|\\.\\d{1,19})[ \t]*([BKMGTPE]?)");

    private ByteSize() {}

    /// @throws IllegalArgumentException whose message says what is wrong
    public static long parse(String value) {
        String text = CharMatcher.anyOf(" \t").trimFrom(value);
        if (text.equals("infinity")) {
            return UNLIMITED;
        }
        var bytes = BigDecimal.ZERO;
        int lastUnit = UNITS.length();
        var parts = PART.matcher(text);
        int at = 0;
        for (; at < text.length() && parts.find() && parts.start() == at; at = parts.end()) {
            int unit = parts.group(2).isEmpty() ? 0 : UNITS.indexOf(parts.group(2));
            if (unit >= lastUnit) {
                break; // systemd wants the large parts first
            }
            lastUnit = unit;
            bytes = bytes.add(new BigDecimal(parts.group(1)).multiply(BigDecimal.valueOf(1L << 10 * unit)));
        }
        if (at < text.length() || text.isEmpty()) {
            throw new IllegalArgumentException(
                    Excerpt.of(value) + " is not a size. Write it as 65536, 64M, 1.5G or infinity");
        }
        if (bytes.compareTo(BigDecimal.valueOf(UNLIMITED)) >= 0) {
            throw new IllegalArgumentException(Excerpt.of(value) + " is more than can be counted. Write infinity");
        }
        return bytes.longValue();
    }

    /// The same, or a share of a whole, such as `50%`.
    ///
    /// @throws IllegalArgumentException whose message says what is wrong
    public static long parse(String value, long whole) {
        return value.endsWith("%")
                ? Percent.parse(value).multiply(BigDecimal.valueOf(whole)).longValue()
                : parse(value);
    }

    /// As it is written, in the largest unit that is not too large and with one decimal: `512M`, `1.5G`.
    public static String roundedUp(long bytes) {
        return words(bytes, RoundingMode.UP);
    }

    /// The same, so that what is too little never looks like enough.
    public static String roundedDown(long bytes) {
        return words(bytes, RoundingMode.DOWN);
    }

    private static String words(long bytes, RoundingMode rounding) {
        int unit = bytes == 0 ? 0 : (Long.SIZE - 1 - Long.numberOfLeadingZeros(bytes)) / 10;
        var size = new BigDecimal(bytes).divide(BigDecimal.valueOf(1L << 10 * unit), 1, rounding);
        return size.stripTrailingZeros().toPlainString() + UNITS.charAt(unit);
    }
}
