package io.flota.unit;

import com.google.common.collect.ImmutableList;
import java.util.Optional;

/// A pattern over whole unit names, in the dialect of Go's `path.Match` as fleet had it: `*` any run without `/`,
/// `?` one character but `/`, `[a-z]` and `[^a-z]` classes, backslash escapes. Two are equal if they are written alike.
public final class Glob {
    /// Matches one character.
    interface Term {
        boolean matches(int codePoint);
    }

    /// Terms that follow each other, after any run of characters if there is a star.
    record Chunk(boolean star, ImmutableList<Term> terms) {
        /// Where the terms end if they begin at this place of a name, or -1.
        private int end(String name, int from) {
            int at = from;
            for (var term : terms) {
                if (at == name.length()) {
                    return -1;
                }
                int c = name.codePointAt(at);
                if (!term.matches(c)) {
                    return -1;
                }
                at += Character.charCount(c);
            }
            return at;
        }
    }

    private final String pattern;
    private final String literalPrefix;
    private final boolean literal;
    private final ImmutableList<Chunk> rest;

    /// @throws IllegalArgumentException if it is malformed; the message says how, and what to write instead
    public Glob(String pattern) {
        var parser = new GlobParser(pattern);
        this.pattern = pattern;
        this.literalPrefix = parser.literalPrefix();
        this.rest = parser.chunks();
        this.literal = rest.isEmpty();
    }

    /// As it was written.
    public String pattern() {
        return pattern;
    }

    /// The only name that it matches, if it is no more than a name.
    public Optional<String> literal() {
        return literal ? Optional.of(literalPrefix) : Optional.empty();
    }

    /// What every name that it matches begins with; may be empty.
    public String literalPrefix() {
        return literalPrefix;
    }

    public boolean matches(String name) {
        if (literal) {
            return name.equals(literalPrefix);
        }
        if (!name.startsWith(literalPrefix)) {
            return false;
        }
        int at = literalPrefix.length();
        for (int i = 0; i < rest.size() && at >= 0; i++) {
            at = advance(rest.get(i), name, at, i == rest.size() - 1);
        }
        return at == name.length();
    }

    /// Takes the first place that a chunk fits, for with stars on both sides no later place leaves more to choose
    /// from. Only the last chunk has to reach the end.
    private static int advance(Chunk chunk, String name, int from, boolean last) {
        for (int at = from; ; at++) {
            int end = chunk.end(name, at);
            if (end >= 0 && (!last || end == name.length())) {
                return end;
            }
            if (!chunk.star() || at == name.length() || name.charAt(at) == '/') {
                return -1;
            }
        }
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Glob glob && pattern.equals(glob.pattern);
    }

    @Override
    public int hashCode() {
        return pattern.hashCode();
    }

    @Override
    public String toString() {
        return pattern;
    }
}
