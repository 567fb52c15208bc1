package io.flota.unit;

import com.google.common.collect.ImmutableList;
import com.google.protobuf.ByteString;
import java.util.Optional;

/// A unit file: its bytes, kept as they came, and the settings found in them.
///
/// Grammar: systemd's, within the limits that fleet 1.0 kept to (see the rules at [#parse]).
public final class UnitFile {
    /// One `Key=Value` of a section. The value is trimmed and its continued lines are joined as systemd joins them.
    ///
    /// @param line where it starts, from 1
    public record Setting(String section, String key, String value, int line) {}

    private final ByteString bytes;
    private final ImmutableList<Setting> settings;

    private UnitFile(ByteString bytes, ImmutableList<Setting> settings) {
        this.bytes = bytes;
        this.settings = settings;
    }

    /// @param source what to call the file in messages
    /// @throws UnitFileException with every problem found, each as `source:line: what is wrong`
    public static UnitFile parse(String source, ByteString bytes) throws UnitFileException {
        throw new UnitFileException(ImmutableList.of(source + ":1: not implemented"));
    }

    public ByteString bytes() {
        return bytes;
    }

    /// SHA-256 of the bytes, hexadecimal.
    public String hash() {
        return "";
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
}
