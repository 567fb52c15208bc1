package io.flota.unit;

import com.google.common.collect.ImmutableList;
import io.flota.unit.Glob.Chunk;
import io.flota.unit.Glob.Term;

/// Reads a pattern: a literal prefix, then chunks that are separated by stars.
final class GlobParser {
    private record Range(int low, int high) {}

    private final String pattern;
    private final StringBuilder literalPrefix = new StringBuilder();
    private final ImmutableList.Builder<Chunk> chunks = ImmutableList.builder();
    private int at;

    GlobParser(String pattern) {
        this.pattern = pattern;
        prefix();
        while (more()) {
            boolean star = false;
            while (next('*')) {
                star = true;
            }
            chunks.add(new Chunk(star, terms()));
        }
    }

    String literalPrefix() {
        return literalPrefix.toString();
    }

    ImmutableList<Chunk> chunks() {
        return chunks.build();
    }

    private void prefix() {
        while (more() && "*?[".indexOf(pattern.charAt(at)) < 0) {
            literalPrefix.appendCodePoint(character());
        }
    }

    private ImmutableList<Term> terms() {
        var terms = ImmutableList.<Term>builder();
        while (more() && pattern.charAt(at) != '*') {
            int opened = at;
            if (next('?')) {
                terms.add(c -> c != '/');
            } else if (next('[')) {
                terms.add(characterClass(opened));
            } else {
                int literal = character();
                terms.add(c -> c == literal);
            }
        }
        return terms.build();
    }

    private Term characterClass(int opened) {
        boolean negated = next('^');
        var builder = ImmutableList.<Range>builder();
        do {
            int low = member(opened);
            builder.add(new Range(low, next('-') ? member(opened) : low));
        } while (!next(']'));
        var ranges = builder.build();
        return c -> negated != ranges.stream().anyMatch(range -> range.low() <= c && c <= range.high());
    }

    private int member(int opened) {
        if (more() && (pattern.charAt(at) == '-' || pattern.charAt(at) == ']')) {
            throw malformed("\"" + pattern.charAt(at) + "\" stands where a character of \"[...]\" has to", opened);
        }
        if (!more() || pattern.indexOf(']', at + 1) < 0) {
            throw malformed("\"[\" is never closed", opened);
        }
        return character();
    }

    /// One character, which a backslash may protect.
    private int character() {
        int from = at;
        if (next('\\') && !more()) {
            throw malformed("nothing follows the last \"\\\"", from);
        }
        int c = pattern.codePointAt(at);
        at += Character.charCount(c);
        return c;
    }

    private boolean more() {
        return at < pattern.length();
    }

    private boolean next(char c) {
        boolean here = more() && pattern.charAt(at) == c;
        at += here ? 1 : 0;
        return here;
    }

    private IllegalArgumentException malformed(String why, int from) {
        return new IllegalArgumentException(Excerpt.of(pattern) + " is not a pattern: " + why + ". Try "
                + Excerpt.of(pattern.substring(0, from) + "*"));
    }
}
