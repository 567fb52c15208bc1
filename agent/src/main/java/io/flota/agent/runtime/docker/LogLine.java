package io.flota.agent.runtime.docker;

import com.github.dockerjava.api.model.Frame;
import com.github.dockerjava.api.model.StreamType;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Optional;

/// A line that a container has written, without its end. Docker breaks lines of more than 16 KiB.
record LogLine(Instant at, boolean error, String text) {
    /// Of a frame that begins with its time; empty if it does not.
    static Optional<LogLine> of(Frame frame) {
        var text = new String(frame.getPayload(), StandardCharsets.UTF_8);
        int blank = text.indexOf(' ');
        if (blank < 0) {
            return Optional.empty();
        }
        try {
            var line = text.substring(blank + 1);
            return Optional.of(new LogLine(
                    Instant.parse(text.substring(0, blank)), frame.getStreamType() == StreamType.STDERR,
                    line.endsWith("\n") ? line.substring(0, line.length() - 1) : line));
        } catch (DateTimeException _) {
            return Optional.empty();
        }
    }
}
