package io.flota.unit;

import com.google.protobuf.ByteString;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;

/// Takes one word after the other off a value, by systemd's rules of quoting.
///
/// Works on bytes, since `\xe2\x82\xac` is one character.
final class WordReader {
    /// What a backslash means.
    enum Escapes {
        /// C's escapes. What is none of them stays as it is written, backslash included, as systemd has it.
        C,
        /// The next character as it is.
        PLAIN
    }

    private static final String LETTERS = "abfnrtvs\\\"'";
    private static final String MEANINGS = "\u0007\b\f\n\r\t\u000b \\\"'";

    private final byte[] in;
    private final Escapes escapes;
    private int at;

    private byte[] word = new byte[0];
    private int length;

    WordReader(String value, Escapes escapes) {
        this.in = value.getBytes(StandardCharsets.UTF_8);
        this.escapes = escapes;
        skipBlanks();
    }

    boolean atEnd() {
        return at == in.length;
    }

    /// Steps over a token if it stands here as a word of its own, not quoted.
    boolean skip(String token) {
        byte[] bytes = token.getBytes(StandardCharsets.UTF_8);
        int end = at + bytes.length;
        boolean here = end <= in.length
                && Arrays.equals(in, at, end, bytes, 0, bytes.length)
                && (end == in.length || isBlank(in[end]));
        if (here) {
            at = end;
            skipBlanks();
        }
        return here;
    }

    /// @throws IllegalArgumentException if a quote is never closed, or if escapes make up what is no text
    Optional<String> next() {
        if (atEnd()) {
            return Optional.empty();
        }
        word = new byte[in.length - at]; // no escape is shorter than what it means
        length = 0;
        int quote = 0;
        while (!atEnd() && (quote != 0 || !isBlank(in[at]))) {
            byte c = in[at++];
            if (c == '\\') {
                escape();
            } else if (c == quote) {
                quote = 0;
            } else if (quote == 0 && (c == '"' || c == '\'')) {
                quote = c;
            } else {
                word[length++] = c;
            }
        }
        if (quote != 0 && escapes == Escapes.C) {
            throw new IllegalArgumentException("a quote " + (char) quote + " is never closed. Close it, or write \\"
                    + (char) quote + " for the character itself");
        }
        skipBlanks();
        return Optional.of(text());
    }

    private String text() {
        var bytes = ByteString.copyFrom(word, 0, length);
        if (!bytes.isValidUtf8()) {
            throw new IllegalArgumentException("its escapes make bytes that are no UTF-8 text");
        }
        return bytes.toStringUtf8();
    }

    private void escape() {
        if (escapes == Escapes.PLAIN) {
            if (!atEnd()) {
                word[length++] = in[at++];
            }
            return;
        }
        if (atEnd() || !known()) {
            word[length++] = '\\';
            if (!atEnd()) {
                word[length++] = in[at++];
            }
        }
    }

    /// Reads the escape whose first character is next; false if it is none.
    private boolean known() {
        char c = (char) in[at];
        int meaning = LETTERS.indexOf(c);
        if (meaning >= 0) {
            word[length++] = (byte) MEANINGS.charAt(meaning);
            at++;
            return true;
        }
        return switch (c) {
            case 'x' -> number(at + 1, 2, 16, false);
            case 'u' -> number(at + 1, 4, 16, true);
            case 'U' -> number(at + 1, 8, 16, true);
            default -> number(at, 3, 8, false);
        };
    }

    private boolean number(int from, int digits, int radix, boolean codePoint) {
        long value = 0;
        for (int i = from; i < from + digits; i++) {
            int digit = i < in.length ? Character.digit(in[i], radix) : -1;
            if (digit < 0) {
                return false;
            }
            value = value * radix + digit;
        }
        boolean surrogate = value >= Character.MIN_SURROGATE && value <= Character.MAX_SURROGATE;
        if (value == 0 || value > (codePoint ? Character.MAX_CODE_POINT : 255) || codePoint && surrogate) {
            return false;
        }
        byte[] bytes = codePoint
                ? Character.toString((int) value).getBytes(StandardCharsets.UTF_8)
                : new byte[] {(byte) value};
        for (byte one : bytes) {
            word[length++] = one;
        }
        at = from + digits;
        return true;
    }

    private void skipBlanks() {
        while (!atEnd() && isBlank(in[at])) {
            at++;
        }
    }

    private static boolean isBlank(byte c) {
        return c == ' ' || c == '\t' || c == '\n' || c == '\r';
    }
}
