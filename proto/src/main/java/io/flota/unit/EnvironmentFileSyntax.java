package io.flota.unit;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Reads what `EnvironmentFile=` names, as systemd reads it: a shell's assignments, without the shell.
///
/// `NAME=value` a line, `#` and `;` begin comments, lines without `=` say nothing. An unquoted value ends with its
/// line and is trimmed, a backslash protects the next character or joins the next line. `'…'` keeps everything,
/// `"…"` knows a shell's backslashes; both may span lines.
public final class EnvironmentFileSyntax {
    private final String source;
    private final String text;
    private final Map<String, String> variables = new LinkedHashMap<>();
    private final List<String> warnings = new ArrayList<>();
    private int at;
    private int line = 1;

    private EnvironmentFileSyntax(String source, String text) {
        this.source = source;
        this.text = text;
    }

    /// @param source what to call the file in warnings
    public static Environment parse(String source, String text) {
        var reader = new EnvironmentFileSyntax(source, text);
        while (reader.more()) {
            reader.line();
        }
        return new Environment(ImmutableMap.copyOf(reader.variables), ImmutableList.copyOf(reader.warnings));
    }

    private void line() {
        while (more() && UnitFileParser.BLANK.matches(peek())) {
            take();
        }
        if (!more()) {
            return;
        }
        int began = line;
        boolean comment = peek() == '#' || peek() == ';';
        var name = new StringBuilder();
        while (more() && !atLineEnd() && (comment || peek() != '=')) {
            name.append(take());
        }
        if (comment || !more() || atLineEnd()) {
            return;
        }
        take();
        assign(UnitFileParser.BLANK.trimTrailingFrom(name), value(), began);
    }

    private void assign(String name, String value, int began) {
        Environment.problem(name).ifPresentOrElse(
                problem -> warnings.add(source + ":" + began + ": " + problem + "."),
                () -> variables.put(name, value));
    }

    private String value() {
        var value = new StringBuilder();
        while (more() && !atLineEnd()) {
            char c = take();
            if (c == '\'') {
                singleQuoted(value);
            } else if (c == '"') {
                doubleQuoted(value);
            } else if (c != ' ' && c != '\t') {
                unquoted(c, value);
                return value.toString();
            }
        }
        return value.toString();
    }

    private void unquoted(char first, StringBuilder value) {
        int keep = value.length();
        for (char c = first; ; c = take()) {
            if (c != '\\') {
                value.append(c);
                keep = c == ' ' || c == '\t' ? keep : value.length();
            } else if (more()) {
                char escaped = take();
                if (escaped != '\n' && escaped != '\r') {
                    value.append(escaped);
                }
                keep = value.length();
            }
            if (!more() || atLineEnd()) {
                value.setLength(keep);
                return;
            }
        }
    }

    private void singleQuoted(StringBuilder value) {
        while (more()) {
            char c = take();
            if (c == '\'') {
                return;
            }
            value.append(c);
        }
    }

    private void doubleQuoted(StringBuilder value) {
        while (more()) {
            char c = take();
            if (c == '"') {
                return;
            }
            if (c != '\\' || !more()) {
                value.append(c);
                continue;
            }
            char escaped = take();
            if ("\"\\`$".indexOf(escaped) >= 0) {
                value.append(escaped);
            } else if (escaped != '\n') {
                value.append('\\').append(escaped);
            }
        }
    }

    private boolean more() {
        return at < text.length();
    }

    private boolean atLineEnd() {
        return peek() == '\n' || peek() == '\r';
    }

    private char peek() {
        return text.charAt(at);
    }

    private char take() {
        char c = text.charAt(at++);
        line += c == '\n' ? 1 : 0;
        return c;
    }
}
