package io.flota.unit;

import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSortedMap;
import java.math.BigDecimal;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;

/// Limits that an operator has set for a unit over those of its file, by systemd's names, such as `MemoryMax` to `64M`.
/// They hold at once and without a restart, wherever the unit is, until they are taken away. A name that this version
/// does not know is kept: a newer scheduler may have set it.
public record UnitProperties(ImmutableSortedMap<String, String> values) {
    public static final UnitProperties NONE = new UnitProperties(ImmutableSortedMap.of());

    /// What [#number] makes of `infinity`.
    public static final long UNLIMITED = Long.MAX_VALUE;

    private static final BigDecimal MICROS = BigDecimal.valueOf(1_000_000);
    private static final long MOST_WEIGHT = 10_000;

    public enum Property {
        /// Bytes.
        MEMORY_MAX("MemoryMax"),
        /// Bytes.
        MEMORY_HIGH("MemoryHigh"),
        /// Microseconds of one CPU in each second.
        CPU_QUOTA("CPUQuota"),
        /// From 1 to 10000.
        CPU_WEIGHT("CPUWeight"),
        /// From 1 to 10000.
        IO_WEIGHT("IOWeight"),
        TASKS_MAX("TasksMax");

        private final String word;

        Property(String word) {
            this.word = word;
        }

        /// systemd's name for it.
        public String word() {
            return word;
        }

        private static Optional<Property> of(String word) {
            return Arrays.stream(values()).filter(property -> property.word.equals(word)).findFirst();
        }
    }

    public static UnitProperties of(Map<String, String> values) {
        return new UnitProperties(ImmutableSortedMap.copyOf(values));
    }

    public boolean isEmpty() {
        return values.isEmpty();
    }

    /// Those that this version knows, in the order of [Property].
    ///
    /// @return in the property's unit, or [#UNLIMITED]; what cannot be read is left out, as only newer ones write it
    public ImmutableMap<Property, Long> numbers() {
        var numbers = ImmutableMap.<Property, Long>builder();
        for (var property : Property.values()) {
            Optional.ofNullable(values.get(property.word)).flatMap(value -> read(property, value))
                    .ifPresent(number -> numbers.put(property, number));
        }
        return numbers.buildOrThrow();
    }

    private static Optional<Long> read(Property property, String value) {
        try {
            return Optional.of(number(property, value));
        } catch (IllegalArgumentException _) {
            return Optional.empty();
        }
    }

    /// With these changes; an empty value takes one away.
    public UnitProperties with(Map<String, String> changes) {
        var next = new TreeMap<>(values);
        changes.forEach((name, value) -> {
            if (value.isEmpty()) {
                next.remove(name);
            } else {
                next.put(name, value);
            }
        });
        return of(next);
    }

    /// Why a property cannot be set for units of that name; empty if it can.
    ///
    /// @param value empty: it is to be taken away
    public static Optional<String> problem(UnitName unit, String name, String value) {
        var property = Property.of(name);
        if (property.isEmpty()) {
            return Optional.of("unit " + unit + ": " + Excerpt.of(name) + " cannot be changed while a unit runs."
                    + " These can: " + Arrays.stream(Property.values()).map(Property::word)
                            .collect(Collectors.joining(", ")));
        }
        if (unit.isTemplate()) {
            return Optional.of("unit " + unit + " is a template, which runs nowhere; set " + name
                    + " for its instances");
        }
        if (!hasProcesses(unit)) {
            return Optional.of("unit " + unit + ": " + name + " is for units that have processes, such as services");
        }
        try {
            if (!value.isEmpty()) {
                var _ = number(property.get(), value);
            }
            return Optional.empty();
        } catch (IllegalArgumentException e) {
            return Optional.of("unit " + unit + ": " + name + "=: " + e.getMessage());
        }
    }

    private static boolean hasProcesses(UnitName unit) {
        return switch (unit.type()) {
            case "service", "socket", "mount", "swap", "slice" -> true;
            default -> false;
        };
    }

    /// @throws IllegalArgumentException whose message says what is wrong
    private static long number(Property property, String value) {
        return switch (property) {
            case MEMORY_MAX, MEMORY_HIGH -> atLeastOne(value, ByteSize.parse(value));
            case CPU_QUOTA -> atLeastOne(value, Percent.parse(value).multiply(MICROS).longValue());
            case CPU_WEIGHT, IO_WEIGHT -> count(value, MOST_WEIGHT);
            case TASKS_MAX -> value.equals("infinity") ? UNLIMITED : count(value, Integer.MAX_VALUE);
        };
    }

    private static long atLeastOne(String value, long number) {
        if (number == 0) {
            throw new IllegalArgumentException(Excerpt.of(value) + " leaves nothing to run with");
        }
        return number;
    }

    private static long count(String value, long most) {
        boolean digits = value.matches("\\d{1,10}");
        if (!digits || Long.parseLong(value) < 1 || Long.parseLong(value) > most) {
            throw new IllegalArgumentException(Excerpt.of(value) + " is not a whole number from 1 to " + most);
        }
        return Long.parseLong(value);
    }

    /// As they are written: `CPUQuota=50% MemoryMax=64M`.
    @Override
    public String toString() {
        return values.entrySet().stream()
                .map(value -> value.getKey() + "=" + value.getValue())
                .collect(Collectors.joining(" "));
    }
}
