package io.flota.agent.runtime.exec;

import com.google.common.collect.ImmutableList;
import io.flota.agent.runtime.UnitRuntime.JournalLine;
import io.flota.agent.runtime.UnitRuntime.JournalPart;
import io.flota.agent.runtime.exec.JournalFiles.Taken;
import io.flota.unit.UnitName;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.ReentrantLock;

/// What one unit wrote, and what the runtime says of it. Units write to a plain file, so that they need no agent to
/// do so; it is taken over into the journal as it grows.
final class UnitJournal {
    /// Lines are cut here, as journald does by default.
    private static final int LONGEST_LINE = 48 * 1024;
    private static final int CHUNK = 64 * 1024;
    /// A unit that writes faster than can be read loses what is older, lest its output fill the disk.
    private static final long LARGEST_BACKLOG = 32L << 20;
    private static final long KEPT_OF_BACKLOG = 1L << 20;
    private static final long FREE_EVERY = 1L << 20;
    /// While lines are dropped, each such pass leaves one that says so.
    private static final long FREE_WHILE_DROPPING = 16L << 20;
    /// Lines that go into one file together: many short ones take far more there than they took in the output.
    private static final int MOST_AT_ONCE = 256;
    private static final int QUEUED_BATCHES = 1000;

    private final UnitName unit;
    private final Path output;
    private final JournalFiles files;
    private final InstantSource clock;
    private final ReentrantLock lock = new ReentrantLock();
    private final List<BlockingQueue<ImmutableList<JournalLine>>> followers = new CopyOnWriteArrayList<>();
    private final ByteArrayOutputStream partial = new ByteArrayOutputStream();
    private final RateLimit limit = new RateLimit();
    private String process;
    private Optional<PidSource> unknownPid = Optional.empty();
    private long offset;
    private long freed;

    UnitJournal(UnitName unit, Path output, JournalFiles files, InstantSource clock) throws IOException {
        this.unit = unit;
        this.output = output;
        this.files = files;
        this.clock = clock;
        this.process = unit.prefix();
        this.offset = files.rawOffset();
    }

    /// Finds out the pid of a process that is just being made; empty as long as it is not known.
    interface PidSource {
        OptionalLong pid() throws IOException;
    }

    /// Whose name later output is to bear. A process may write before its pid is looked for.
    void writtenBy(String program, PidSource pid) throws IOException {
        locked(() -> {
            take(false);
            process = program;
            unknownPid = Optional.of(pid);
        });
    }

    /// A line of the runtime's own.
    void say(String speaker, String text) throws IOException {
        locked(() -> {
            take(false);
            var line = new JournalLine(clock.instant(), unit, speaker, text.replace('\n', ' '));
            append(List.of(new Taken(line, offset)), offset);
        });
    }

    /// Takes over what was written since.
    void ingest() throws IOException {
        locked(() -> take(false));
    }

    /// No process writes any more: takes over all, and lets go of the file.
    void finish() throws IOException {
        locked(() -> {
            take(true);
            if (limit.drops()) {
                tellDropped();
            }
            Files.deleteIfExists(output);
            offset = 0;
            freed = 0;
        });
    }

    /// The last lines, and a queue of all that come after; the end is an empty list.
    record Reading(ImmutableList<JournalLine> last, BlockingQueue<ImmutableList<JournalLine>> later) {}

    Reading read(JournalPart part) throws IOException {
        lock.lock();
        try {
            take(false);
            var later = new ArrayBlockingQueue<ImmutableList<JournalLine>>(QUEUED_BATCHES);
            if (part.follow()) {
                followers.add(later);
            }
            return new Reading(ImmutableList.copyOf(files.last(part)), later);
        } finally {
            lock.unlock();
        }
    }

    void stopFollowing(BlockingQueue<ImmutableList<JournalLine>> later) {
        followers.remove(later);
    }

    /// Tells all who follow that nothing more will come.
    void end() {
        followers.forEach(queue -> offer(queue, ImmutableList.of()));
    }

    private void take(boolean last) throws IOException {
        if (limit.isDue(clock.instant())) {
            tellDropped();
        }
        if (!Files.exists(output)) {
            offset = 0;
            return;
        }
        try (var channel = FileChannel.open(output, StandardOpenOption.READ)) {
            long size = channel.size();
            if (size < offset) {
                offset = 0; // another file than the one that was read so far
                freed = 0;
            }
            if (size - offset > LARGEST_BACKLOG) {
                skip(size - KEPT_OF_BACKLOG);
            }
            if (size > offset) {
                completeProcess();
            }
            var buffer = ByteBuffer.allocate(CHUNK);
            long at = offset + partial.size();
            while (channel.read(buffer.clear(), at) > 0) {
                at += buffer.flip().remaining();
                append(limited(split(buffer, at)), at - partial.size());
            }
            if (last && partial.size() > 0) {
                append(limited(List.of(new Taken(line(), at))), at);
            }
        } catch (IOException e) {
            partial.reset(); // what was not taken over is read again
            throw e;
        }
        free();
    }

    private List<Taken> limited(List<Taken> lines) {
        var kept = new ArrayList<Taken>();
        long before = offset;
        for (var taken : lines) {
            if (limit.isDue(taken.line().time())) {
                kept.add(dropped(before));
            }
            if (limit.keeps(taken.line().time())) {
                kept.add(taken);
            }
            before = taken.rawOffset();
        }
        return kept;
    }

    private void tellDropped() throws IOException {
        append(List.of(dropped(offset)), offset);
    }

    /// The line also notes how far the output was taken over.
    private Taken dropped(long upTo) {
        var words = "Suppressed " + limit.takeDropped() + " lines, as more than " + RateLimit.BURST + " came within "
                + RateLimit.INTERVAL.toSeconds() + " s";
        return new Taken(new JournalLine(clock.instant(), unit, process, words), upTo);
    }

    private void completeProcess() throws IOException {
        if (unknownPid.isPresent()) {
            var pid = unknownPid.get().pid();
            if (pid.isPresent()) {
                process += "[" + pid.getAsLong() + "]";
                unknownPid = Optional.empty();
            }
        }
    }

    private void skip(long to) throws IOException {
        partial.reset();
        var words = (to - offset) + " bytes of output were skipped, as they came faster than they can be kept";
        append(List.of(new Taken(new JournalLine(clock.instant(), unit, process, words), to)), to);
    }

    /// @param end where the buffer's end is in the raw output
    private List<Taken> split(ByteBuffer buffer, long end) {
        var lines = new ArrayList<Taken>();
        while (buffer.hasRemaining()) {
            byte next = buffer.get();
            if (next != '\n') {
                partial.write(next);
            }
            if (next == '\n' || partial.size() >= LONGEST_LINE) {
                lines.add(new Taken(line(), end - buffer.remaining()));
            }
        }
        return lines;
    }

    private JournalLine line() {
        var text = partial.toString(StandardCharsets.UTF_8);
        partial.reset();
        Instant now = clock.instant();
        return new JournalLine(now, unit, process, text.endsWith("\r") ? text.substring(0, text.length() - 1) : text);
    }

    private void append(List<Taken> lines, long newOffset) throws IOException {
        if (lines.size() > MOST_AT_ONCE) {
            var first = lines.subList(0, MOST_AT_ONCE);
            append(first, first.getLast().rawOffset());
            append(lines.subList(MOST_AT_ONCE, lines.size()), newOffset);
            return;
        }
        files.append(lines);
        offset = newOffset;
        if (!lines.isEmpty()) {
            var batch = lines.stream().map(Taken::line).collect(ImmutableList.toImmutableList());
            followers.forEach(queue -> offer(queue, batch));
        }
    }

    /// A follower that does not keep up loses the oldest lines.
    private static void offer(BlockingQueue<ImmutableList<JournalLine>> queue, ImmutableList<JournalLine> batch) {
        while (!queue.offer(batch)) {
            queue.poll();
        }
    }

    /// Gives the disk back what was taken over. The unit goes on writing at the end of the same file.
    private void free() throws IOException {
        if (offset - freed < (limit.drops() ? FREE_WHILE_DROPPING : FREE_EVERY)) {
            return;
        }
        if (limit.drops()) {
            tellDropped(); // else the next agent would look for the lines where nothing is left of them
        }
        freed = offset;
        var _ = new ProcessBuilder(
                        "fallocate", "--punch-hole", "--offset", "0", "--length", Long.toString(offset),
                        output.toString())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
    }

    private interface Work {
        void run() throws IOException;
    }

    private void locked(Work work) throws IOException {
        lock.lock();
        try {
            work.run();
        } finally {
            lock.unlock();
        }
    }
}
