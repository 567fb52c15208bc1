package io.flota.unit;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;

/// Variables that a unit file or an environment file sets.
///
/// @param variables in the order of their first assignment, each with its last value
/// @param warnings what was left out and why
public record Environment(ImmutableMap<String, String> variables, ImmutableList<String> warnings) {
    private static final Pattern NAME = Pattern.compile("[A-Za-z_][A-Za-z0-9_]*");

    public static final Environment EMPTY = new Environment(ImmutableMap.of(), ImmutableList.of());

    /// One `Environment=` value: words that are `NAME=value` each. A word that is none is left out with a warning.
    ///
    /// @throws IllegalArgumentException if it cannot be split into words
    public static Environment ofAssignments(String value, UnaryOperator<String> specifiers) {
        var variables = new LinkedHashMap<String, String>();
        var warnings = new ArrayList<String>();
        for (var word : Words.split(value)) {
            var assignment = specifiers.apply(word);
            int equals = assignment.indexOf('=');
            if (equals < 0) {
                warnings.add(Excerpt.of(assignment) + " is no NAME=value, and left out. Quote the whole of it if it has"
                        + " blanks: \"NAME=some value\"");
            } else {
                String name = assignment.substring(0, equals);
                problem(name).ifPresentOrElse(
                        warnings::add, () -> variables.put(name, assignment.substring(equals + 1)));
            }
        }
        return new Environment(ImmutableMap.copyOf(variables), ImmutableList.copyOf(warnings));
    }

    /// What keeps a text from being the name of a variable.
    static Optional<String> problem(String name) {
        return NAME.matcher(name).matches()
                ? Optional.empty()
                : Optional.of(Excerpt.of(name) + " is no name for a variable, and left out. Use letters, digits and _,"
                        + " not beginning with a digit");
    }

    /// These, then the later ones, which win.
    public Environment and(Environment later) {
        var merged = new LinkedHashMap<>(variables);
        merged.putAll(later.variables);
        return new Environment(
                ImmutableMap.copyOf(merged),
                ImmutableList.<String>builder().addAll(warnings).addAll(later.warnings).build());
    }
}
