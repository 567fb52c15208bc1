package io.flota.machine;

import java.util.Optional;

/// What may be said of a machine: pairs that `key=value` can write in one line.
public final class Metadata {
    private Metadata() {}

    /// What is wrong with a key; empty: nothing.
    public static Optional<String> problemOfKey(String key) {
        boolean isKey = !key.isBlank() && !key.contains("=") && isLine(key);
        return isKey ? Optional.empty() : Optional.of("\"" + key + "\" is no key of metadata: write key=value");
    }

    /// What is wrong with the value of a key; empty: nothing.
    public static Optional<String> problemOfValue(String key, String value) {
        return isLine(value)
                ? Optional.empty()
                : Optional.of("the value of metadata " + key + " is not one line of text");
    }

    private static boolean isLine(String text) {
        return text.chars().noneMatch(Character::isISOControl);
    }
}
