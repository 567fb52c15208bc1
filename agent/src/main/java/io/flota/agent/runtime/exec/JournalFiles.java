package io.flota.agent.runtime.exec;

import io.flota.agent.runtime.UnitRuntime.JournalLine;
import io.flota.agent.runtime.UnitRuntime.JournalPart;
import io.flota.agent.runtime.process.WholeFile;
import io.flota.unit.UnitName;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/// A unit's journal on disk: two files, the older of which goes when the newer one is full.
///
/// Each line also tells how much of the raw output has been taken over once it is there. A journal that was cut short
/// by the end of its agent, after any byte, thus goes on at the right place, with no line twice and none lost.
final class JournalFiles {
    private static final Pattern LINE = Pattern.compile("(\\d{1,18}) (\\d{1,18}) (\\S*) (.*)", Pattern.DOTALL);

    private final UnitName unit;
    private final Path current;
    private final Path previous;
    private final long limit;
    private long size;

    JournalFiles(UnitName unit, Path folder, long keptBytes) throws IOException {
        this.unit = unit;
        this.current = folder.resolve("current");
        this.previous = folder.resolve("previous");
        this.limit = Math.max(4096, keptBytes);
        Files.createDirectories(folder);
        cutUnfinishedLine();
    }

    private void cutUnfinishedLine() throws IOException {
        if (!Files.exists(current)) {
            return;
        }
        var bytes = Files.readAllBytes(current);
        int end = bytes.length;
        while (end > 0 && bytes[end - 1] != '\n') {
            end--;
        }
        size = end;
        try (var file = new RandomAccessFile(current.toFile(), "rw")) {
            file.setLength(end);
        }
    }

    /// How much of the raw output is in the journal.
    long rawOffset() throws IOException {
        for (var file : List.of(current, previous)) {
            for (var line : lines(file).reversed()) {
                var form = LINE.matcher(line);
                if (form.matches()) {
                    return Long.parseLong(form.group(2));
                }
            }
        }
        return 0;
    }

    /// @param rawOffset how much of the raw output is taken over with the line
    record Taken(JournalLine line, long rawOffset) {}

    /// Writes all of them; what an earlier try that failed may have left is written over.
    void append(List<Taken> lines) throws IOException {
        if (lines.isEmpty()) {
            return;
        }
        var text = new StringBuilder();
        for (var taken : lines) {
            var line = taken.line();
            long micros = ChronoUnit.MICROS.between(Instant.EPOCH, line.time());
            text.append(micros).append(' ').append(taken.rawOffset()).append(' ').append(line.process()).append(' ')
                    .append(line.text()).append('\n');
        }
        var bytes = text.toString().getBytes(StandardCharsets.UTF_8);
        if (size > 0 && size + bytes.length > limit) {
            Files.move(current, previous, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            size = 0;
        }
        try (var channel = FileChannel.open(current, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            channel.truncate(size);
            for (var rest = ByteBuffer.wrap(bytes); rest.hasRemaining(); ) {
                channel.write(rest, size + rest.position());
            }
        }
        size += bytes.length;
    }

    /// The last lines, oldest first.
    List<JournalLine> last(JournalPart part) throws IOException {
        int count = part.lines();
        var texts = new ArrayList<>(lines(current));
        if (count < 0 || texts.size() < count) {
            texts.addAll(0, lines(previous));
        }
        int from = count < 0 ? 0 : Math.max(0, texts.size() - count);
        return texts.subList(from, texts.size()).stream()
                .flatMap(text -> parse(text).stream())
                .filter(line -> part.since().filter(line.time()::isBefore).isEmpty())
                .toList();
    }

    private static List<String> lines(Path file) throws IOException {
        return WholeFile.read(file)
                .map(bytes -> List.of(bytes.toStringUtf8().split("\n")))
                .filter(lines -> !lines.getFirst().isEmpty())
                .orElse(List.of());
    }

    private Optional<JournalLine> parse(String text) {
        var form = LINE.matcher(text);
        if (!form.matches()) {
            return Optional.empty(); // damaged; the others can be read
        }
        var time = Instant.EPOCH.plus(Long.parseLong(form.group(1)), ChronoUnit.MICROS);
        return Optional.of(new JournalLine(time, unit, form.group(3), form.group(4)));
    }
}
