package io.flota.examples.bench;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/// What was measured, by name, and the table of it.
final class Figures {
    private record Series(String unit, List<Double> values) {}

    private final Map<String, Series> measured = new LinkedHashMap<>();

    void add(String name, String unit, double value) {
        measured.computeIfAbsent(name, _ -> new Series(unit, new ArrayList<>())).values().add(value);
        System.err.printf(Locale.ROOT, "  %s: %.1f %s%n", name, value, unit);
    }

    String table() {
        var table = new StringBuilder("%-72s %-5s %4s %9s %9s %9s %9s%n"
                .formatted("what", "unit", "runs", "min", "median", "p99", "max"));
        measured.forEach((name, series) -> {
            var sorted = series.values().stream().sorted().toList();
            table.append(String.format(
                    Locale.ROOT,
                    "%-72s %-5s %4d %9.1f %9.1f %9.1f %9.1f%n",
                    name,
                    series.unit(),
                    sorted.size(),
                    sorted.getFirst(),
                    sorted.get(sorted.size() / 2),
                    sorted.get((sorted.size() * 99 - 1) / 100),
                    sorted.getLast()));
        });
        return table.toString();
    }
}
