package io.flota.simulation;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// What happened in a run, for a reader: one line each, with the second at which it happened.
final class Story {
    private final boolean told;
    private final List<String> lines = new ArrayList<>();

    private Story(boolean told) {
        this.told = told;
    }

    static Story told() {
        return new Story(true);
    }

    /// Nobody listens.
    static Story untold() {
        return new Story(false);
    }

    boolean isTold() {
        return told;
    }

    void add(Duration at, String line) {
        if (told) {
            lines.add(String.format(Locale.ROOT, "%8.3f  %s", at.toNanos() / 1e9, line));
        }
    }

    /// A line that a process logs, at the moment of the line before it or after.
    void addLog(String line) {
        if (told) {
            lines.add(" ".repeat(10) + "      " + line);
        }
    }

    @Override
    public String toString() {
        return String.join("\n", lines);
    }
}
