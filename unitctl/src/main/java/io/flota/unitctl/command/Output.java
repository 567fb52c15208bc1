package io.flota.unitctl.command;

import io.flota.unitctl.render.Json;
import io.flota.unitctl.render.Yaml;

/// The forms of output that `-o` knows.
enum Output {
    TABLE,
    WIDE,
    JSON,
    YAML;

    static Output of(String word) throws CommandException {
        return switch (word) {
            case "table" -> TABLE;
            case "wide" -> WIDE;
            case "json" -> JSON;
            case "yaml" -> YAML;
            default -> throw CommandException.usage(
                    "no such form of output: \"" + word + "\"; there are table, wide, json, yaml");
        };
    }

    boolean isTree() {
        return this == JSON || this == YAML;
    }

    /// @param tree strings, numbers, truth values, lists and maps
    String render(Object tree) {
        return this == YAML ? Yaml.render(tree) : Json.render(tree);
    }
}
