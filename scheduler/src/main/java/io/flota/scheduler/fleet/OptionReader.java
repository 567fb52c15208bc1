package io.flota.scheduler.fleet;

import com.google.common.collect.ImmutableList;
import java.util.Optional;

/// Reads a unit file as fleetctl reads the one beside it, so that both find the same options: a value keeps its
/// backslashes and line ends, and a comment goes on after a backslash.
final class OptionReader {
    private final String text;
    private final ImmutableList.Builder<UnitOption> options = ImmutableList.builder();
    private int at;
    private String section = "";

    private OptionReader(String text) {
        this.text = text;
    }

    /// Empty if fleet would refuse the file.
    static Optional<ImmutableList<UnitOption>> read(String text) {
        var reader = new OptionReader(text);
        return reader.all() ? Optional.of(reader.options.build()) : Optional.empty();
    }

    private boolean all() {
        while (at < text.length() && text.charAt(at) != '[') {
            if (isComment(text.charAt(at))) {
                comment();
            } else {
                at++;
            }
        }
        boolean sound = true;
        while (sound && at < text.length()) {
            char next = text.charAt(at);
            if (Character.isWhitespace(next)) {
                at++;
            } else if (next == '[') {
                sound = header();
            } else if (isComment(next)) {
                comment();
            } else {
                sound = option();
            }
        }
        return sound;
    }

    private boolean header() {
        int end = text.indexOf(']', at);
        if (end < 0) {
            return false;
        }
        section = text.substring(at + 1, end);
        at = end + 1;
        return line().isBlank();
    }

    private void comment() {
        String line = line();
        while (at < text.length() && (line.endsWith("\\") || line.endsWith("\\ "))) {
            line = line();
        }
    }

    private boolean option() {
        int equals = text.indexOf('=', at);
        String name = text.substring(at, Math.max(at, equals));
        if (equals < 0 || name.indexOf('\n') >= 0 || name.indexOf('\r') >= 0) {
            return false;
        }
        at = equals + 1;
        options.add(new UnitOption(section, name, value()).stripped());
        return true;
    }

    private String value() {
        var value = new StringBuilder();
        while (true) {
            String line = line();
            if (line.isBlank()) {
                return value.toString();
            }
            value.append(line);
            if (!line.endsWith("\\") || at == text.length()) {
                return value.toString();
            }
            value.append('\n');
        }
    }

    /// The rest of the line, which is passed.
    private String line() {
        int end = text.indexOf('\n', at);
        String line = text.substring(at, end < 0 ? text.length() : end);
        at = end < 0 ? text.length() : end + 1;
        return line;
    }

    private static boolean isComment(char first) {
        return first == '#' || first == ';';
    }
}
