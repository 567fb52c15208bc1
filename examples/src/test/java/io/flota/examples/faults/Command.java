package io.flota.examples.faults;

import java.util.List;

/// What an operator calls unitctl with.
///
/// @param version of the unit files in the folder that it is called in
record Command(String verb, List<String> units, int version) {
    String[] arguments() {
        var words = new java.util.ArrayList<String>();
        words.addAll(List.of(verb.split(" ")));
        if (!verb.equals("submit") && !verb.equals("destroy")) {
            words.add("--no-block");
        }
        words.addAll(units);
        return words.toArray(String[]::new);
    }

    String words() {
        return "unitctl " + verb + " " + String.join(" ", units) + (verb.contains("--replace") ? " (file " + version + ")" : "");
    }
}
