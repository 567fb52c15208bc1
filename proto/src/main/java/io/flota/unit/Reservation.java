package io.flota.unit;

import java.math.BigDecimal;
import java.util.regex.Pattern;

/// What a unit wants to be kept free for it where it is placed, whether it runs there or not: `CPU=` and `Memory=` of
/// `[X-Flota]`. It is no limit: those are systemd's `CPUQuota=` and `MemoryMax=`.
///
/// @param cpuMillis thousandths of one core
public record Reservation(long cpuMillis, long memoryBytes) {
    public static final Reservation NONE = new Reservation(0, 0);

    private static final Pattern CORES = Pattern.compile("\\d{1,6}(?:\\.\\d{1,3})?");
    private static final int MILLI_DIGITS = 3;

    /// 256T, of which tens of thousands can be added up.
    private static final long MOST_MEMORY = 1L << 48;

    /// Reads `CPU=`.
    ///
    /// @return thousandths of one core
    /// @throws IllegalArgumentException whose message says what is wrong
    static long cpuMillis(String value) {
        if (!CORES.matcher(value).matches()) {
            throw new IllegalArgumentException(Excerpt.of(value)
                    + " is not a number of cores. Write it as 2 or 0.5, with three decimals at most");
        }
        return new BigDecimal(value).movePointRight(MILLI_DIGITS).longValueExact();
    }

    /// Reads `Memory=`.
    ///
    /// @return bytes
    /// @throws IllegalArgumentException whose message says what is wrong
    static long memoryBytes(String value) {
        long bytes = bytes(value);
        if (bytes > MOST_MEMORY) {
            throw new IllegalArgumentException(
                    Excerpt.of(value) + " is more than any machine has. Write what the unit needs, such as 512M");
        }
        return bytes;
    }

    public boolean isNone() {
        return cpuMillis == 0 && memoryBytes == 0;
    }

    private static long bytes(String value) {
        try {
            return ByteSize.parse(value);
        } catch (IllegalArgumentException _) { // which would recommend infinity
            throw new IllegalArgumentException(
                    Excerpt.of(value) + " is not a size. Write it as 512M or 1.5G");
        }
    }

    /// Whether there is enough for it. Who asks for none of something needs none to be left.
    public boolean fits(Reservation free) {
        return (cpuMillis == 0 || cpuMillis <= free.cpuMillis)
                && (memoryBytes == 0 || memoryBytes <= free.memoryBytes);
    }

    /// Whether it asks for more than another one, of either.
    public boolean exceeds(Reservation other) {
        return cpuMillis > other.cpuMillis || memoryBytes > other.memoryBytes;
    }

    public Reservation plus(Reservation other) {
        return new Reservation(cpuMillis + other.cpuMillis, memoryBytes + other.memoryBytes);
    }

    public Reservation minus(Reservation other) {
        return new Reservation(cpuMillis - other.cpuMillis, memoryBytes - other.memoryBytes);
    }

    /// The larger of both, of each.
    public Reservation max(Reservation other) {
        return new Reservation(Math.max(cpuMillis, other.cpuMillis), Math.max(memoryBytes, other.memoryBytes));
    }

    /// As unit files have it: `CPU=0.5 Memory=512M`; empty if it is none.
    @Override
    public String toString() {
        var cpu = cpuMillis == 0 ? "" : "CPU=" + cores(cpuMillis);
        var memory = memoryBytes == 0 ? "" : "Memory=" + ByteSize.roundedUp(memoryBytes);
        return cpu + (cpu.isEmpty() || memory.isEmpty() ? "" : " ") + memory;
    }

    /// Thousandths of one core as cores: `2`, `0.5`.
    public static String cores(long millis) {
        return BigDecimal.valueOf(millis, MILLI_DIGITS).stripTrailingZeros().toPlainString();
    }
}
