package io.flota.agent.runtime.exec;

import com.google.common.collect.ImmutableSetMultimap;
import com.google.common.collect.ImmutableSortedSet;
import com.google.common.hash.Hashing;
import com.google.common.io.MoreFiles;
import com.google.protobuf.ByteString;
import io.flota.agent.runtime.RuntimeUnavailableException;
import io.flota.agent.runtime.guard.Watchdog;
import io.flota.agent.runtime.process.WholeFile;
import io.flota.unit.UnitName;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What outlives the agent, on disk. Files are written beside their place and moved there, or added to by whole
/// records, so that nothing is ever taken for whole that is not.
///
/// ```
/// lock, boot, clock, shim, watchdog
/// fence/…              the guards of units, and what the watchdog says
/// units/UNIT/loaded    the unit file as last loaded
///           /started   the one that it was started with, if another
///           /record    its life and wish, again with each change; the last whole one counts
/// run/UNIT.RUN.pid     written by a process as it begins
///    /UNIT.RUN.exit    written by its shim once it has ended
/// out/UNIT             raw output
/// journal/UNIT/…       the journal
/// ```
final class StateFolder implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(StateFolder.class);
    private static final Path BOOT_ID = Path.of("/proc/sys/kernel/random/boot_id");
    private static final int LONGEST_NAME = 200;
    private static final long LARGEST_RECORD_FILE = 64 * 1024;

    /// @param loaded empty if it cannot be read
    /// @param started empty if the same as loaded
    /// @param damaged whether there is no telling what was noted of the unit's life
    record Saved(RecordCodec.Durable durable, ByteString loaded, Optional<ByteString> started, boolean damaged) {}

    private final Path root;
    private final FileChannel lockChannel;

    private StateFolder(Path root, FileChannel lockChannel) {
        this.root = root;
        this.lockChannel = lockChannel;
    }

    static StateFolder open(Path stateFolder) throws RuntimeUnavailableException {
        var root = stateFolder.resolve("exec");
        try {
            Files.createDirectories(root);
            var folder = new StateFolder(root, lock(root));
            folder.prepare();
            return folder;
        } catch (IOException e) {
            throw new RuntimeUnavailableException("cannot use the state folder " + root + ": " + e, e);
        }
    }

    private static FileChannel lock(Path root) throws IOException {
        var channel = FileChannel.open(
                root.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        try {
            FileLock lock = channel.tryLock();
            if (lock != null) {
                return channel;
            }
            channel.close();
        } catch (OverlappingFileLockException e) {
            channel.close();
            throw new IOException("it is in use by this process already", e);
        }
        throw new IOException("another agent uses it; give each its own --state-dir");
    }

    /// What an earlier boot of the machine left behind describes processes that are gone.
    private void prepare() throws IOException {
        var boot = Files.exists(BOOT_ID) ? Files.readString(BOOT_ID).strip() : "";
        var noted = root.resolve("boot");
        if (Files.exists(noted) && !Files.readString(noted).equals(boot)) {
            for (var name : List.of("units", "run", "out", "journal", "fence", "clock", "boot")) {
                delete(root.resolve(name));
            }
        }
        for (var name : List.of("units", "run", "out", "journal", "fence")) {
            Files.createDirectories(root.resolve(name));
        }
        WholeFile.write(noted, ByteString.copyFromUtf8(boot));
        try (var source = StateFolder.class.getResourceAsStream("shim")) {
            WholeFile.write(shim(), ByteString.readFrom(source));
        }
        Watchdog.writeScript(watchdog());
    }

    /// Every unit that was loaded. A folder without a record is what an agent that died while loading left.
    List<Saved> units(Instant now) throws IOException {
        var saved = new ArrayList<Saved>();
        try (Stream<Path> folders = Files.list(root.resolve("units"))) {
            for (var folder : folders.sorted().toList()) {
                if (Files.exists(folder.resolve("record"))) {
                    unit(folder, now).ifPresent(saved::add);
                } else {
                    delete(folder);
                }
            }
        }
        return saved;
    }

    /// Damage concerns one unit only; the next file that it is given mends it.
    private Optional<Saved> unit(Path folder, Instant now) throws IOException {
        var started = attempt(folder.resolve("started"));
        var loaded = attempt(folder.resolve("loaded")).or(() -> started).orElse(ByteString.EMPTY);
        try {
            var record = WholeFile.read(folder.resolve("record")).orElse(ByteString.EMPTY);
            return Optional.of(new Saved(RecordCodec.decode(record.toStringUtf8()), loaded, started, false));
        } catch (IllegalArgumentException | IOException e) {
            log.error("what was saved of a unit cannot be read folder={} because={}", folder, e.toString());
            delete(folder.resolve("record"));
            return damaged(folder, e.getMessage(), now).map(durable -> new Saved(durable, loaded, started, true));
        }
    }

    /// Empty for a folder whose name does not tell the unit's: what ran of that one is killed as a stranger.
    private static Optional<RecordCodec.Durable> damaged(Path folder, String because, Instant now) throws IOException {
        try {
            var unit = new UnitName(folder.getFileName().toString());
            var life = Life.lost(now, "what was saved of it cannot be read, so it was killed: " + because);
            return Optional.of(new RecordCodec.Durable(unit, life, Wish.none(now)));
        } catch (IllegalArgumentException _) {
            delete(folder);
            return Optional.empty();
        }
    }

    private static Optional<ByteString> attempt(Path file) {
        try {
            return WholeFile.read(file);
        } catch (IOException e) {
            log.error("a saved unit file cannot be read file={} because={}", file, e.toString());
            return Optional.empty();
        }
    }

    /// Adds the record to its file, where the last whole one counts. Units change state in bursts, and to put a new
    /// file in the old one's place each time makes some file systems wait for the disk.
    void saveRecord(RecordCodec.Durable durable) throws IOException {
        var file = unit(durable.unit()).resolve("record");
        var text = ByteString.copyFromUtf8(RecordCodec.encode(durable));
        if (Files.exists(file) && Files.size(file) < LARGEST_RECORD_FILE) {
            Files.write(file, text.toByteArray(), StandardOpenOption.APPEND);
        } else {
            WholeFile.write(file, text);
        }
    }

    /// @param keepOld whether the file so far is still needed by what runs
    void saveFile(UnitName unit, ByteString file, boolean keepOld) throws IOException {
        var folder = unit(unit);
        Files.createDirectories(folder);
        if (keepOld && !Files.exists(folder.resolve("started")) && Files.exists(folder.resolve("loaded"))) {
            Files.move(folder.resolve("loaded"), folder.resolve("started"), StandardCopyOption.ATOMIC_MOVE);
        }
        WholeFile.write(folder.resolve("loaded"), file);
    }

    /// The unit runs with the loaded file from now on.
    void forgetStartedFile(UnitName unit) throws IOException {
        Files.deleteIfExists(unit(unit).resolve("started"));
    }

    void forget(UnitName unit) throws IOException {
        delete(unit(unit));
        delete(journal(unit));
        Files.deleteIfExists(output(unit));
    }

    void forgetRun(UnitName unit, long run) throws IOException {
        for (var kind : RunFile.Kind.values()) {
            Files.deleteIfExists(new RunFile(folderName(unit), run, kind).in(runs()));
        }
    }

    /// The names of all files that runs have left.
    ImmutableSortedSet<Path> runFiles() throws IOException {
        try (Stream<Path> files = Files.list(runs())) {
            return files.map(Path::getFileName).collect(ImmutableSortedSet.toImmutableSortedSet(Path::compareTo));
        }
    }

    /// The runs that have left files, by unit.
    ImmutableSetMultimap<String, Long> runsByFolder() throws IOException {
        return runFiles().stream()
                .flatMap(file -> RunFile.of(file).stream())
                .collect(ImmutableSetMultimap.toImmutableSetMultimap(RunFile::folder, RunFile::run));
    }

    private Path unit(UnitName unit) {
        return root.resolve("units").resolve(folderName(unit));
    }

    Path runs() {
        return root.resolve("run");
    }

    Path outputs() {
        return root.resolve("out");
    }

    Path output(UnitName unit) {
        return outputs().resolve(folderName(unit));
    }

    Path journal(UnitName unit) {
        return root.resolve("journal").resolve(folderName(unit));
    }

    Path shim() {
        return root.resolve("shim");
    }

    Path watchdog() {
        return root.resolve("watchdog");
    }

    /// A folder for the watchdog's files.
    Path fence() {
        return root.resolve("fence");
    }

    Path note(String name) {
        return root.resolve(name);
    }

    /// A unit's name as the name of a file, which must not be as long.
    static String folderName(UnitName unit) {
        var name = unit.full();
        return name.length() <= LONGEST_NAME
                ? name
                : name.substring(0, LONGEST_NAME) + "~"
                        + Hashing.sha256().hashUnencodedChars(name).toString().substring(0, 16);
    }

    private static void delete(Path path) throws IOException {
        if (Files.exists(path)) {
            MoreFiles.deleteRecursively(path);
        }
    }

    @Override
    public void close() {
        try {
            lockChannel.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
