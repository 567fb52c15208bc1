package io.flota.unit;

import com.google.common.collect.ImmutableList;
import com.google.common.hash.Hashing;
import com.google.protobuf.ByteString;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;

/// A unit file: its bytes, kept as they came, and the settings found in them.
///
/// Grammar: systemd's, within the limits that fleet 1.0 kept to (see the rules at [#parse]).
public final class UnitFile {
    /// One `Key=Value` of a section. The value is trimmed and its continued lines are joined as systemd joins them.
    ///
    /// @param line where it starts, from 1
    public record Setting(String section, String key, String value, int line) {}

    /// Says nothing.
    public static final UnitFile EMPTY = new UnitFile(ByteString.EMPTY, ImmutableList.of());

    private final ByteString bytes;
    private final String hash;
    private final ImmutableList<Setting> settings;

    private UnitFile(ByteString bytes, ImmutableList<Setting> settings) {
        this.bytes = bytes;
        this.hash = Hashing.sha256().hashBytes(bytes.asReadOnlyByteBuffer()).toString();
        this.settings = settings;
    }

    /// Reads a unit file.
    ///
    /// - Lines end in LF, CRLF or CR. Blank lines, and lines that begin with `#` or `;`, say nothing.
    /// - A line whose last backslash is not itself escaped goes on in the next line that is no comment; backslash
    ///   and line end count as one blank.
    /// - `[Name]` opens a section; opening it again adds to it. What is before the first section is refused, where
    ///   fleet skipped it.
    /// - `Key=Value` is split at the first `=`, both sides trimmed. A repeated key is kept each time, in order. A key
    ///   has no blank, no quote, and no dash in front: that is a command line whose backslash got lost.
    /// - A comment that ends in a backslash went on in fleet and does not in systemd. The line below it is ignored
    ///   where both agree that it means nothing, and refused where they do not.
    /// - No NUL, only UTF-8, lines shorter than 1 MiB. An empty file is a unit.
    ///
    /// @param source what to call the file in messages
    /// @throws UnitFileException with every problem found, each as `source:line: what is wrong`
    public static UnitFile parse(String source, ByteString bytes) throws UnitFileException {
        return new UnitFile(bytes, new UnitFileParser(source).parse(bytes));
    }

    public ByteString bytes() {
        return bytes;
    }

    /// SHA-256 of the bytes, hexadecimal.
    public String hash() {
        return hash;
    }

    /// All settings in the order of the file.
    public ImmutableList<Setting> settings() {
        return settings;
    }

    /// All settings of a key in a section (both exact), in order.
    public ImmutableList<Setting> all(String section, String key) {
        return settings.stream()
                .filter(s -> s.section().equals(section) && s.key().equals(key))
                .collect(ImmutableList.toImmutableList());
    }

    /// The value that counts where the last assignment wins.
    public Optional<String> last(String section, String key) {
        var all = all(section, key);
        return all.isEmpty() ? Optional.empty() : Optional.of(all.getLast().value());
    }

    /// The settings alone, as fleet printed them: each section once, in the order of first appearance, one line for
    /// each setting, a blank line between sections. Reads back as the same settings.
    public String canonical() {
        var sections = new LinkedHashMap<String, List<Setting>>();
        settings.forEach(s -> sections.computeIfAbsent(s.section(), _ -> new ArrayList<>()).add(s));
        var text = new StringBuilder();
        sections.forEach((section, content) -> {
            text.append(text.isEmpty() ? "" : "\n").append('[').append(section).append("]\n");
            for (var setting : content) {
                text.append(setting.key()).append('=').append(setting.value());
                // A blank keeps a last backslash from joining the next line; reading trims it.
                text.append(UnitFileParser.continues(setting.value()) ? " \n" : "\n");
            }
        });
        return text.toString();
    }

    /// Two files are the same if their bytes are.
    @Override
    public boolean equals(Object other) {
        return other instanceof UnitFile file && bytes.equals(file.bytes);
    }

    @Override
    public int hashCode() {
        return bytes.hashCode();
    }

    @Override
    public String toString() {
        return "UnitFile " + hash;
    }
}
