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
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/// The folder where containers' services ask. Not for several threads.
final class Asks implements AutoCloseable {
    private static final int LONGEST_WORDS = 512;

    private final Path root;
    private final Path folder;
    private final Runnable signal;
    private Optional<FolderWatch> watch = Optional.empty();
    /// An answer is lost if nobody holds its pipe before it is read.
    private final Map<Path, FileChannel> answered = new HashMap<>();

    /// @param signal is called when there may be a new question
    Asks(Path root, Runnable signal) throws IOException {
        this.root = root;
        this.folder = root.resolve("asks");
        this.signal = signal;
        prepare();
    }

    private void prepare() throws IOException {
        Files.createDirectories(folder);
        try (var source = Asks.class.getResourceAsStream("ask")) {
            WholeFile.write(root.resolve("ask"), ByteString.readFrom(source));
        }
        watch.ifPresent(FolderWatch::close);
        watch = Optional.of(FolderWatch.start(folder, _ -> signal.run()));
    }

    /// The program with its arguments that asks this of the agent.
    static String command(Path root, String key, Ask.Verb verb) {
        return "/bin/sh " + quoted(root.resolve("ask")) + " " + quoted(root.resolve("asks")) + " " + key + " "
                + verb.word();
    }

    private static String quoted(Path path) {
        return "\"" + path.toString().replace("\\", "\\\\").replace("\"", "\\\"").replace("%", "%%").replace("$", "$$")
                + "\"";
    }

    /// What is asked and not answered yet, by the key of the unit; what nobody waits for any more is removed.
    ImmutableListMultimap<String, Ask> open() throws IOException {
        if (!Files.isDirectory(folder)) {
            prepare(); // somebody has removed it
        }
        var open = ImmutableListMultimap.<String, Ask>builder();
        try (var pipes = Files.newDirectoryStream(folder)) {
            for (var pipe : pipes) {
                var ask = Ask.of(pipe, asked(pipe));
                if (ask.isPresent() && !ask.get().isWaiting()) {
                    Files.deleteIfExists(pipe);
                } else if (ask.isPresent() && !answered.containsKey(pipe)) {
                    open.put(ask.get().key(), ask.get());
                }
            }
        }
        letGo();
        return open.build();
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
        for (var pipes = answered.entrySet().iterator(); pipes.hasNext(); ) {
            var pipe = pipes.next();
            if (!Files.exists(pipe.getKey())) {
                pipe.getValue().close();
                pipes.remove();
            }
        }
    }

    /// Whether somebody has not read an answer yet.
    boolean isHolding() {
        return !answered.isEmpty();
    }

    /// @param status the exit code of who asked, from 0 to 255
    /// @param words for the journal of the unit, one line; may be empty
    void answer(Ask ask, int status, String words) throws IOException {
        try {
            var pipe = FileChannel.open(ask.pipe(), StandardOpenOption.READ, StandardOpenOption.WRITE);
            answered.put(ask.pipe(), pipe);
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
        for (var pipe : answered.values()) {
            pipe.close();
        }
    }
}
