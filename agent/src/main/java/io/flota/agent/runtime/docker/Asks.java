package io.flota.agent.runtime.docker;

import com.google.common.collect.ImmutableListMultimap;
import com.google.protobuf.ByteString;
import io.flota.agent.runtime.process.FolderWatch;
import io.flota.agent.runtime.process.WholeFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The folder where containers' services ask. Not for several threads.
final class Asks implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Asks.class);
    private static final int LONGEST_WORDS = 512;

    private final Path root;
    private final Path folder;
    private final Runnable signal;
    private Optional<FolderWatch> watch = Optional.empty();
    /// What was asked when it was looked last, and is not answered.
    private final Map<Path, Ask> waiting = new HashMap<>();
    /// Those whose process has not ended yet.
    private final Map<Path, Answered> answered = new HashMap<>();

    /// @param pipe is held open: without that an answer might be lost before it is read
    private record Answered(Ask ask, FileChannel pipe) {}

    /// @param signal is called when there may be a new question
    Asks(Path root, Runnable signal) throws IOException {
        this.root = root;
        this.folder = root.resolve("asks");
        this.signal = signal;
        prepare();
    }

    /// Somebody may have removed the folder; then those still wait who have asked before.
    private void prepare() throws IOException {
        Files.createDirectories(folder);
        try (var source = Asks.class.getResourceAsStream("ask")) {
            WholeFile.write(program(), ByteString.readFrom(source));
        }
        watch.ifPresent(FolderWatch::close);
        watch = Optional.of(FolderWatch.start(folder, _ -> signal.run()));
        for (var removed : Ask.removed(folder)) {
            waiting.put(removed.pipe(), removed);
        }
    }

    private Path program() {
        return root.resolve("ask");
    }

    /// Brings back the pipes of those who still wait: they hold them open.
    private void bringBack() throws IOException {
        for (var ask : waiting.values()) {
            boolean removed = !Files.exists(ask.pipe(), LinkOption.NOFOLLOW_LINKS);
            if (removed && ask.isWaiting() && ask.isHeld()) {
                LOG.warn("a question was removed by somebody; it is found again at its process pipe={}", ask.pipe());
                Files.createSymbolicLink(ask.pipe(), ask.held());
            }
        }
        waiting.clear();
    }

    /// The program with its arguments that asks this of the agent; as root of the machine, whatever the unit's other
    /// commands may see of it.
    static String command(Path root, String key, Ask.Verb verb) {
        return "+/bin/sh " + quoted(root.resolve("ask")) + " " + quoted(root.resolve("asks")) + " " + key + " "
                + verb.word();
    }

    private static String quoted(Path path) {
        return "\"" + path.toString().replace("\\", "\\\\").replace("\"", "\\\"").replace("%", "%%").replace("$", "$$")
                + "\"";
    }

    /// What is asked and not answered yet, by the key of the unit; what nobody waits for any more is removed.
    ImmutableListMultimap<String, Ask> open() throws IOException {
        if (!Files.isDirectory(folder) || !Files.exists(program())) {
            prepare();
        }
        bringBack();
        letGo();
        var open = ImmutableListMultimap.<String, Ask>builder();
        try (var pipes = Files.newDirectoryStream(folder)) {
            for (var pipe : pipes) {
                var ask = Ask.of(pipe, asked(pipe));
                if (ask.isPresent() && !ask.get().isWaiting()) {
                    Files.deleteIfExists(pipe);
                } else if (ask.isPresent() && !answered.containsKey(pipe)) {
                    waiting.put(pipe, ask.get());
                    if (!isTooEarly(ask.get())) {
                        open.put(ask.get().key(), ask.get());
                    }
                }
            }
        }
        return open.build();
    }

    /// Whoever has stopped a service's container kills the service next: before, that has to have ended as it should.
    private boolean isTooEarly(Ask ask) {
        return ask.verb() == Ask.Verb.STOP
                && answered.values().stream()
                        .map(Answered::ask)
                        .anyMatch(other -> other.verb() == Ask.Verb.RUN && other.key().equals(ask.key()));
    }

    /// An answer changes it; then nobody wants to know any more.
    private static Instant asked(Path pipe) throws IOException {
        try {
            return Files.getLastModifiedTime(pipe).toInstant();
        } catch (NoSuchFileException _) {
            return Instant.MAX; // has its answer, just now
        }
    }

    private void letGo() throws IOException {
        for (var pipes = answered.values().iterator(); pipes.hasNext(); ) {
            var next = pipes.next();
            if (!next.ask().isWaiting()) {
                next.pipe().close();
                pipes.remove();
            }
        }
    }

    /// Whether somebody has not ended yet who has an answer.
    boolean isHolding() {
        return !answered.isEmpty();
    }

    /// @param status the exit code of who asked, from 0 to 255
    /// @param words for the journal of the unit, one line; may be empty
    void answer(Ask ask, int status, String words) throws IOException {
        try {
            var pipe = FileChannel.open(ask.pipe(), StandardOpenOption.READ, StandardOpenOption.WRITE);
            answered.put(ask.pipe(), new Answered(ask, pipe));
            waiting.remove(ask.pipe());
            var first = words.lines().findFirst().orElse("");
            var line = status + " " + first.substring(0, Math.min(first.length(), LONGEST_WORDS)) + "\n";
            var _ = pipe.write(ByteBuffer.wrap(line.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchFileException _) {
            return; // nobody asks any more
        }
    }

    @Override
    public void close() throws IOException {
        watch.ifPresent(FolderWatch::close);
        for (var answer : answered.values()) {
            answer.pipe().close();
        }
    }
}
