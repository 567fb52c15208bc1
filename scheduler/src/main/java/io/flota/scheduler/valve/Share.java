package io.flota.scheduler.valve;

import java.util.regex.Pattern;

/// How large a part of the machines has to vanish at once for the valve to close: more than this.
///
/// @param percent 1 to 99; 100: no part is more, so the valve never closes
public record Share(int percent) {
    public static final Share HALF = new Share(50);
    public static final Share OFF = new Share(100);

    private static final Pattern PERCENT = Pattern.compile("([1-9][0-9]?)%");
    /// What vanishes alone has died, even if there is no other machine.
    private static final int FEWEST = 2;

    /// @throws IllegalArgumentException whose message says what is wrong
    public static Share parse(String text) {
        var percent = PERCENT.matcher(text);
        if (text.equals("off")) {
            return OFF;
        }
        if (!percent.matches()) {
            throw new IllegalArgumentException(
                    "\"" + text + "\" is neither a part of the machines, from 1% to 99%, nor off");
        }
        return new Share(Integer.parseInt(percent.group(1)));
    }

    /// Whether so many vanished machines are too many.
    ///
    /// @param machines how many there were, these included
    boolean isExceededBy(int vanished, int machines) {
        return vanished >= FEWEST && vanished * 100L > (long) percent * machines;
    }

    @Override
    public String toString() {
        return equals(OFF) ? "off" : percent + "%";
    }
}
