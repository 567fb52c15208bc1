package io.flota.machine;

import java.util.regex.Pattern;

/// What tells one machine from another: 32 lower-case hexadecimal digits, as in `/etc/machine-id`.
public record MachineId(String value) implements Comparable<MachineId> {
    private static final Pattern FORM = Pattern.compile("[0-9a-f]{32}");
    private static final int SHORT_LENGTH = 8;

    /// @throws IllegalArgumentException if it is not 32 hexadecimal digits
    public MachineId {
        if (!FORM.matcher(value).matches()) {
            throw new IllegalArgumentException(
                    "\"" + value + "\" is not a machine id: 32 digits of 0-9 and a-f, as in /etc/machine-id");
        }
    }

    /// The first eight digits, which operators and unit files may use.
    public String shortened() {
        return value.substring(0, SHORT_LENGTH);
    }

    @Override
    public int compareTo(MachineId other) {
        return value.compareTo(other.value);
    }

    @Override
    public String toString() {
        return value;
    }
}
