package io.flota.examples.faults;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/// What an operator calls unitctl with.
///
/// @param targets units or machines
/// @param version of the unit files in the folder that it is called in
record Command(String verb, List<String> targets, int version) {
    /// Those that would wait until it is so.
    private static final Set<String> WAITING =
            Set.of("start", "stop", "restart", "load", "unload", "start --replace", "drain");

    String[] arguments() {
        var words = new ArrayList<>(List.of(verb.split(" ")));
        if (WAITING.contains(verb)) {
            words.add("--no-block");
        }
        words.addAll(targets);
        return words.toArray(String[]::new);
    }

    String words() {
        var file = verb.contains("--replace") ? " (file " + version + ")" : "";
        return "unitctl " + verb + " " + String.join(" ", targets) + file;
    }
}
