package io.flota.unit;

import com.google.common.base.Ascii;

/// Yes or no, in any of systemd's spellings.
public final class BooleanValue {
    private BooleanValue() {}

    /// @throws IllegalArgumentException whose message says what is wrong
    public static boolean parse(String value) {
        return switch (Ascii.toLowerCase(value)) {
            case "1", "yes", "y", "true", "t", "on" -> true;
            case "0", "no", "n", "false", "f", "off" -> false;
            default -> throw new IllegalArgumentException(
                    Excerpt.of(value) + " is neither yes nor no. Write one of them");
        };
    }
}
