package io.flota.agent.runtime.systemd;

import com.google.protobuf.ByteString;
import io.flota.agent.runtime.process.WholeFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// How many starts of an exclusive unit there were under the last epoch base that it had, as its condition notes them.
record Starts(long base, long count) {
    private static final Pattern TEXT = Pattern.compile("(\\d{1,18}) (\\d{1,18})");

    /// Empty if there is no such file, or what it says is damaged.
    static Optional<Starts> read(Path file) throws IOException {
        return WholeFile.read(file)
                .map(text -> TEXT.matcher(text.toStringUtf8().strip()))
                .filter(Matcher::matches)
                .map(match -> new Starts(Long.parseLong(match.group(1)), Long.parseLong(match.group(2))));
    }

    void write(Path file) throws IOException {
        WholeFile.write(file, ByteString.copyFromUtf8(base + " " + count + "\n"));
    }

    /// Whether the next epoch is lower than the one after the others.
    boolean isBefore(Starts others) {
        return base < others.base || base == others.base && count < others.count;
    }

    Starts plus(long more) {
        return new Starts(base, count + more);
    }
}
