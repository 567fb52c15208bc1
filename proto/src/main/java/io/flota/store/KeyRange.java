package io.flota.store;

/// Keys in the order of their characters.
///
/// @param from the first one
/// @param to the first one beyond
public record KeyRange(String from, String to) {
    /// All keys that start with a prefix.
    public static KeyRange of(String prefix) {
        return new KeyRange(prefix, beyond(prefix));
    }

    /// The first key after all those that start with a prefix.
    public static String beyond(String prefix) {
        int last = prefix.length() - 1;
        return prefix.substring(0, last) + (char) (prefix.charAt(last) + 1);
    }

    public boolean contains(String key) {
        return key.compareTo(from) >= 0 && key.compareTo(to) < 0;
    }

    /// What all its keys start with.
    String prefix() {
        int same = 0;
        while (same < from.length() && same < to.length() && from.charAt(same) == to.charAt(same)) {
            same++;
        }
        return from.substring(0, same);
    }
}
