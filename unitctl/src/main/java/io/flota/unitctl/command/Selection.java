package io.flota.unitctl.command;

import io.flota.api.v1.ListUnitsReply;
import io.flota.api.v1.ListUnitsRequest;
import io.flota.api.v1.Unit;
import io.flota.unit.Glob;
import io.flota.unit.UnitName;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/// Registered units as an operator names them: by name, `.service` being the usual suffix, or by patterns.
///
/// @param names full names
/// @param patterns globs over full names
record Selection(Set<String> names, List<String> patterns) {
    static Selection of(List<String> arguments) throws CommandException {
        var names = new LinkedHashSet<String>();
        var patterns = new ArrayList<String>();
        for (String argument : arguments) {
            if (isPattern(argument)) {
                var pattern = UnitName.service(argument);
                patterns.add(pattern.endsWith("*") || hasType(pattern) ? pattern : pattern + ".service");
            } else {
                names.add(fullName(argument));
            }
        }
        return new Selection(names, patterns);
    }

    static boolean isPattern(String argument) {
        return argument.contains("*") || argument.contains("?") || argument.contains("[");
    }

    /// Of a path only the last part counts.
    static String fullName(String argument) throws CommandException {
        String name = argument.substring(argument.lastIndexOf('/') + 1);
        try {
            return UnitName.ofArgument(name).full();
        } catch (IllegalArgumentException wrong) {
            throw CommandException.failed("\"" + argument + "\" names no unit: " + wrong.getMessage());
        }
    }

    private static boolean hasType(String pattern) {
        return UnitName.problem("x" + pattern.substring(Math.max(0, pattern.lastIndexOf('.')))).isEmpty();
    }

    ListUnitsRequest request() {
        return ListUnitsRequest.newBuilder().addAllNames(names).addAllPatterns(patterns).build();
    }

    List<Unit> matching(ListUnitsReply reply) {
        return reply.getUnitsList().stream()
                .filter(unit -> names.contains(unit.getName())
                        || patterns.stream().anyMatch(pattern -> new Glob(pattern).matches(unit.getName())))
                .toList();
    }

    /// What was asked for and is not there, one line each.
    List<String> missing(ListUnitsReply reply) {
        var found = new HashSet<String>();
        reply.getUnitsList().stream().map(Unit::getName).forEach(found::add);
        var missing = new ArrayList<String>();
        names.stream()
                .filter(name -> !found.contains(name))
                .forEach(name -> missing.add("Unit " + name + " not found"));
        patterns.stream()
                .filter(pattern -> found.stream().noneMatch(new Glob(pattern)::matches))
                .forEach(pattern -> missing.add("No registered unit matches \"" + pattern + "\""));
        return missing;
    }
}
