package io.flota.agent.runtime.systemd;

import io.flota.agent.runtime.UnitRuntime.JournalLine;
import io.flota.unit.UnitName;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// Reads journal entries in systemd's export format: `KEY=VALUE` on a line, or `KEY`, the length in eight bytes and the
/// value for one that a line cannot hold; an empty line after each entry.
final class ExportedEntries {
    private static final int LARGEST_FIELD = 1 << 20;

    private final UnitName unit;
    private final InputStream input;

    ExportedEntries(UnitName unit, InputStream input) {
        this.unit = unit;
        this.input = input;
    }

    /// Empty at the end.
    ///
    /// @throws IOException also if it is not in that format
    Optional<JournalLine> next() throws IOException {
        var fields = new TreeMap<String, String>();
        for (var line = line(); line.isPresent(); line = line()) {
            var text = line.get();
            int equals = text.indexOf('=');
            if (text.isEmpty() && fields.containsKey("__REALTIME_TIMESTAMP")) {
                return Optional.of(entry(fields));
            } else if (equals > 0) {
                fields.put(text.substring(0, equals), text.substring(equals + 1));
            } else if (!text.isEmpty()) {
                fields.put(text, field());
            }
        }
        return Optional.empty();
    }

    private Optional<String> line() throws IOException {
        var bytes = new ByteArrayOutputStream();
        for (int next = input.read(); next >= 0; next = input.read()) {
            if (next == '\n') {
                return Optional.of(bytes.toString(StandardCharsets.UTF_8));
            }
            bytes.write(next);
        }
        return Optional.empty();
    }

    private String field() throws IOException {
        long length = ByteBuffer.wrap(input.readNBytes(Long.BYTES)).order(ByteOrder.LITTLE_ENDIAN).getLong();
        if (length < 0 || length > LARGEST_FIELD) {
            throw new IOException("a journal entry has a field of " + length + " bytes");
        }
        var value = input.readNBytes((int) length);
        if (input.read() != '\n') {
            throw new EOFException("a journal entry is not whole");
        }
        return new String(value, StandardCharsets.UTF_8);
    }

    private JournalLine entry(Map<String, String> fields) {
        var time = Instant.EPOCH.plus(Long.parseLong(fields.get("__REALTIME_TIMESTAMP")), ChronoUnit.MICROS);
        var name = fields.getOrDefault("SYSLOG_IDENTIFIER", fields.getOrDefault("_COMM", unit.prefix()));
        var process = Optional.ofNullable(fields.get("_PID")).map(pid -> name + "[" + pid + "]").orElse(name);
        return new JournalLine(time, unit, process, fields.getOrDefault("MESSAGE", ""));
    }
}
