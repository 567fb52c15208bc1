package io.flota.unit;

import com.google.common.collect.ImmutableList;
import java.util.List;

/// A unit file is refused. Carries all its problems, each one line: `file:line: what is wrong`.
public final class UnitFileException extends Exception {
    private final ImmutableList<String> problems;

    public UnitFileException(List<String> problems) {
        super(String.join("\n", problems));
        this.problems = ImmutableList.copyOf(problems);
    }

    public ImmutableList<String> problems() {
        return problems;
    }
}
