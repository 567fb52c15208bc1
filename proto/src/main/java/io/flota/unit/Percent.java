package io.flota.unit;

import java.math.BigDecimal;
import java.util.regex.Pattern;

/// Shares as systemd writes them: `20%`, `12.5%`, and above one hundred where several CPUs count.
public final class Percent {
    private static final Pattern FORM = Pattern.compile("(\\d{1,7}(?:\\.\\d{1,2})?)%");

    private Percent() {}

    /// One is `100%`.
    ///
    /// @throws IllegalArgumentException whose message says what is wrong
    public static BigDecimal parse(String value) {
        var form = FORM.matcher(value);
        if (!form.matches()) {
            throw new IllegalArgumentException(Excerpt.of(value) + " is not a share. Write it as 20% or 12.5%");
        }
        return new BigDecimal(form.group(1)).movePointLeft(2);
    }
}
