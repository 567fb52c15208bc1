package io.flota.unit;

import com.google.common.collect.ImmutableList;

/// A value as a list of words: blanks separate, `"…"` and `'…'` hold together, C's escapes count.
public final class Words {
    private Words() {}

    /// @throws IllegalArgumentException whose message says what is wrong
    public static ImmutableList<String> split(String value) {
        return all(new WordReader(value, WordReader.Escapes.C));
    }

    /// The value of a variable that stands as a word of its own: quotes hold together, a backslash protects the next
    /// character, and nothing is wrong with an open quote.
    static ImmutableList<String> splitVariable(String value) {
        return all(new WordReader(value, WordReader.Escapes.PLAIN));
    }

    private static ImmutableList<String> all(WordReader reader) {
        var words = ImmutableList.<String>builder();
        while (!reader.atEnd()) {
            reader.next().ifPresent(words::add);
        }
        return words.build();
    }
}
