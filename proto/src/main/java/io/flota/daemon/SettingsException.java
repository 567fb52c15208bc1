package io.flota.daemon;

import java.util.List;

/// Settings are wrong. Each problem is one line that says what, where, and what to do.
public final class SettingsException extends Exception {
    private final List<String> problems;

    public SettingsException(List<String> problems) {
        super(String.join("\n", problems));
        this.problems = List.copyOf(problems);
    }

    public List<String> problems() {
        return problems;
    }
}
