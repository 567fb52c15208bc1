package io.flota.unit;

import com.google.common.base.CharMatcher;
import com.google.common.collect.ImmutableList;
import com.google.protobuf.ByteString;
import io.flota.unit.UnitFile.Setting;
import java.util.ArrayList;
import java.util.List;

/// Reads one unit file, by the rules at [UnitFile#parse].
final class UnitFileParser {
    /// What systemd trims; Unicode's other blanks are part of a value.
    static final CharMatcher BLANK = CharMatcher.anyOf(" \t\r\n");

    /// systemd's LONG_LINE_MAX: it refuses a line of this length.
    private static final int LINE_LIMIT = 1 << 20;

    /// etcd takes 1.5 MiB in one request; the file has to fit in with the rest of its transaction.
    private static final int FILE_LIMIT = 1_400_000;

    /// Enough to repair a file by; a picture that was taken for a unit file has thousands.
    private static final int PROBLEM_LIMIT = 50;

    private final String source;
    private final List<String> problems = new ArrayList<>();
    private final ImmutableList.Builder<Setting> settings = ImmutableList.builder();
    private int unreported;
    private int line;
    private String section = "";

    /// The joined lines so far, and where they began; nothing is pending while `pendingLine` is 0.
    private final StringBuilder pending = new StringBuilder();
    private int pendingLine;

    /// The last line if it is a comment that ends in a backslash, or what fleet took for its continuation; else 0.
    private int openComment;

    UnitFileParser(String source) {
        this.source = source;
    }

    ImmutableList<Setting> parse(ByteString bytes) throws UnitFileException {
        if (bytes.size() > FILE_LIMIT) {
            problem(1, "the file has " + bytes.size() + " bytes, more than the " + FILE_LIMIT
                    + " that the cluster can store. Keep large data out of the unit file");
        } else {
            lines(bytes);
            endOfSetting();
        }
        if (unreported > 0) {
            problems.add(source + ":" + line + ": " + unreported + " more problems are not shown");
        }
        if (!problems.isEmpty()) {
            throw new UnitFileException(problems);
        }
        return settings.build();
    }

    private void lines(ByteString bytes) {
        int start = bytes.startsWith(ByteString.fromHex("efbbbf")) ? 3 : 0; // a byte order mark
        while (start < bytes.size()) {
            int end = start;
            while (end < bytes.size() && bytes.byteAt(end) != '\n' && bytes.byteAt(end) != '\r') {
                end++;
            }
            line++;
            physicalLine(bytes.substring(start, end));
            boolean crlf = end + 1 < bytes.size() && bytes.byteAt(end) == '\r' && bytes.byteAt(end + 1) == '\n';
            start = end + (crlf ? 2 : 1);
        }
    }

    private void physicalLine(ByteString raw) {
        if (raw.size() >= LINE_LIMIT) {
            problem(line, "line too long: " + raw.size() + " bytes, where systemd takes fewer than " + LINE_LIMIT
                    + ". End parts of it with a backslash");
        } else if (!raw.isValidUtf8()) {
            problem(line, "not valid UTF-8. Save the file in UTF-8");
        } else if (raw.toStringUtf8().indexOf('\0') >= 0) {
            problem(line, "a NUL byte. Unit files are text: remove it");
        } else {
            textLine(raw.toStringUtf8());
        }
    }

    private void textLine(String text) {
        String content = BLANK.trimLeadingFrom(text);
        if (content.startsWith("#") || content.startsWith(";")) {
            openComment = pendingLine == 0 && continues(text) ? line : 0;
            return;
        }
        if (openComment > 0) {
            afterOpenComment(text, content);
            return;
        }
        boolean goesOn = continues(text);
        pendingLine = pendingLine == 0 ? line : pendingLine;
        pending.append(goesOn ? text.substring(0, text.length() - 1) + " " : text);
        if (pending.length() >= LINE_LIMIT) {
            problem(pendingLine, "line too long: with the lines that continue it, it reaches " + pending.length()
                    + " characters, where systemd takes fewer than " + LINE_LIMIT + ". Shorten it");
            pending.setLength(0);
        }
        if (!goesOn) {
            endOfSetting();
        }
    }

    private void afterOpenComment(String text, String content) {
        int equals = content.indexOf('=');
        if (content.startsWith("[") || equals > 0 && isKey(BLANK.trimTrailingFrom(content.substring(0, equals)))) {
            problem(line, "the comment in line " + openComment + " ends in a backslash: fleet took this line for a part"
                    + " of it, systemd does not. Begin this line with \"#\" too, or remove the backslash");
        }
        openComment = continues(text) ? line : 0;
    }

    private void endOfSetting() {
        if (pendingLine > 0) {
            logicalLine(BLANK.trimFrom(pending), pendingLine);
        }
        pending.setLength(0);
        pendingLine = 0;
    }

    private void logicalLine(String text, int at) {
        int equals = text.indexOf('=');
        String key = BLANK.trimFrom(text.substring(0, Math.max(0, equals)));
        if (text.isEmpty()) {
            return;
        }
        if (text.startsWith("[")) {
            section(text, at);
        } else if (equals < 0) {
            problem(at, Excerpt.of(text) + " is no setting: it has no \"=\". Write Key=Value, begin a comment with"
                    + " \"#\", or end the line above with a backslash, and no blank after it, to continue it");
        } else if (equals == 0) {
            problem(at, Excerpt.of(text) + " has nothing before its \"=\". Write Key=Value");
        } else if (!isKey(key)) {
            problem(at, Excerpt.of(key) + " is no name of a setting. Write Key=Value, or end the line above with a"
                    + " backslash, and no blank after it, to continue it");
        } else if (section.isEmpty()) {
            problem(at, Excerpt.of(text) + " is before the first section. Put it below a line such as [Service]");
        } else {
            settings.add(new Setting(section, key, BLANK.trimFrom(text.substring(equals + 1)), at));
        }
    }

    private void section(String text, int at) {
        int end = text.indexOf(']');
        // After a bad header the settings below belong nowhere in particular, but are not to blame.
        section = "?";
        if (end < 0) {
            problem(at, "the section name " + Excerpt.of(text) + " is never closed. End it with \"]\"");
            return;
        }
        String name = text.substring(1, end);
        if (end < text.length() - 1) {
            problem(at, Excerpt.of(text.substring(end + 1)) + " is after the section name. Move it to the next line");
        } else if (name.isEmpty()) {
            problem(at, "a section without a name. Write it as [Service]");
        } else if (!BLANK.trimFrom(name).equals(name)) {
            problem(at, "the section name " + Excerpt.of(name) + " begins or ends with a blank. Write ["
                    + BLANK.trimFrom(name) + "]");
        } else if (name.chars().anyMatch(c -> c < ' ' || c == 127 || "[\"'\\".indexOf(c) >= 0)) {
            problem(at, "the section name " + Excerpt.of(name) + " has a character that no section name may have."
                    + " Write it as [Service]");
        } else {
            section = name;
        }
    }

    /// What systemd would ignore as unknown where it is, for all that is known, the rest of a command line.
    private static boolean isKey(String key) {
        return !key.startsWith("-") && key.chars().noneMatch(c -> c <= ' ' || c == '"' || c == '\'');
    }

    /// Whether a line goes on in the next: its last backslash is not itself escaped.
    static boolean continues(String text) {
        int backslashes = 0;
        while (backslashes < text.length() && text.charAt(text.length() - 1 - backslashes) == '\\') {
            backslashes++;
        }
        return backslashes % 2 == 1;
    }

    private void problem(int at, String what) {
        if (problems.size() < PROBLEM_LIMIT) {
            problems.add(source + ":" + at + ": " + what + ".");
        } else {
            unreported++;
        }
    }
}
