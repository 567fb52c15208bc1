package io.flota.agent.runtime.systemd;

import com.google.common.io.MoreFiles;
import com.google.protobuf.ByteString;
import io.flota.agent.runtime.RuntimeUnavailableException;
import io.flota.agent.runtime.guard.Watchdog;
import io.flota.agent.runtime.process.UnitKey;
import io.flota.agent.runtime.process.WholeFile;
import io.flota.unit.UnitName;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What outlives the agent, on disk.
///
/// ```
/// units/NAME               the unit file that systemd reads
/// systemd/boot             of which boot, and which life of systemd, all of this is
/// systemd/records/NAME     what is wanted of the unit, see [Record]
/// systemd/watchdog, condition   scripts
/// systemd/fence/…          the guards of units, and what the scripts write
/// ```
final class StateFiles {
    private static final Logger log = LoggerFactory.getLogger(StateFiles.class);
    private static final Path BOOT_ID = Path.of("/proc/sys/kernel/random/boot_id");

    private final Path units;
    private final Path root;
    private final Path links;
    private String life = "";

    StateFiles(SystemdSettings settings) {
        units = settings.stateFolder().resolve("units");
        root = settings.stateFolder().resolve("systemd");
        links = settings.bus().links();
    }

    /// What is there of an earlier boot of the machine, or of another life of systemd, describes units that are gone.
    ///
    /// @param systemd see [Systemd#life]
    /// @return whether something was
    synchronized boolean open(String systemd) throws RuntimeUnavailableException {
        try {
            life = life(systemd);
            var noted = WholeFile.read(root.resolve("boot")).map(ByteString::toStringUtf8);
            boolean gone = noted.filter(before -> !before.equals(life)).isPresent();
            if (gone) {
                delete(root);
                delete(units);
            }
            prepare();
            return gone;
        } catch (IOException e) {
            throw new RuntimeUnavailableException("cannot use the state folder " + root + " (--state-dir): " + e, e);
        }
    }

    /// Whether all of this is of this boot, and of this life of systemd.
    synchronized boolean isOf(String systemd) throws IOException {
        return life.equals(life(systemd));
    }

    private static String life(String systemd) throws IOException {
        var boot = Files.exists(BOOT_ID) ? Files.readString(BOOT_ID).strip() : "";
        return boot + " " + systemd;
    }

    private void prepare() throws IOException {
        Files.createDirectories(units);
        Files.createDirectories(records());
        Files.createDirectories(fence());
        try (var source = StateFiles.class.getResourceAsStream("condition")) {
            WholeFile.write(condition(), ByteString.readFrom(source));
        }
        Watchdog.writeScript(watchdog());
        WholeFile.write(root.resolve("boot"), ByteString.copyFromUtf8(life));
    }

    /// Makes anew what somebody has removed.
    ///
    /// @return whether something was
    synchronized boolean mend() throws IOException {
        boolean whole = Files.isDirectory(units) && Files.isDirectory(records()) && Files.isDirectory(fence())
                && Files.exists(condition()) && Files.exists(watchdog());
        if (whole) {
            return false;
        }
        prepare();
        return true;
    }

    /// Every unit that was loaded. Damage concerns one unit only: it is as if it had not been loaded by us.
    List<Entry> adopted() throws IOException {
        var entries = new ArrayList<Entry>();
        for (var name : names(records())) {
            var text = text(name);
            try {
                var saved = WholeFile.read(record(name)).orElse(ByteString.EMPTY);
                entries.add(Record.decode(name, text, saved.toStringUtf8()));
            } catch (IllegalArgumentException e) {
                log.error("what was saved of a unit cannot be read unit={} because={}", name, e.getMessage());
                entries.add(Record.unknown(name, text));
            }
        }
        for (var name : linked()) {
            if (entries.stream().noneMatch(entry -> entry.name().equals(name))) {
                log.warn("a unit of ours is linked of which nothing is known unit={}", name);
                entries.add(Record.unknown(name, text(name)));
            }
        }
        return entries;
    }

    private ByteString text(UnitName unit) throws IOException {
        return WholeFile.read(file(unit)).orElse(ByteString.EMPTY);
    }

    /// Units whose link leads to our folder.
    private List<UnitName> linked() throws IOException {
        var linked = new ArrayList<UnitName>();
        for (var name : names(links)) {
            if (isLinked(name)) {
                linked.add(name);
            }
        }
        return linked;
    }

    private static List<UnitName> names(Path folder) throws IOException {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString())
                    .filter(name -> UnitName.problem(name).isEmpty())
                    .map(UnitName::new)
                    .sorted()
                    .toList();
        }
    }

    boolean isLinked(UnitName unit) {
        var link = links.resolve(unit.full());
        try {
            return Files.isSymbolicLink(link) && Files.readSymbolicLink(link).equals(file(unit));
        } catch (IOException _) {
            return false; // gone, just now
        }
    }

    /// Whether what systemd has read for a unit is what we have written.
    ///
    /// @param fragment where systemd has read it, by its own path or by that of a link
    boolean isOurs(UnitName unit, String fragment) {
        var path = Path.of(fragment);
        var link = links.resolve(unit.full());
        try {
            boolean same = Files.exists(path) && Files.exists(file(unit)) && Files.isSameFile(path, file(unit));
            // Its file may have been removed, or its link, just now.
            return same || path.equals(file(unit))
                    || path.equals(link) && (isLinked(unit) || !Files.exists(link, LinkOption.NOFOLLOW_LINKS));
        } catch (IOException _) {
            return false; // gone, just now
        }
    }

    /// Whether the unit's file is as it was written.
    boolean isIntact(Entry entry) throws IOException {
        return WholeFile.read(file(entry.name())).filter(entry.file().text()::equals).isPresent()
                && isLinked(entry.name());
    }

    /// Whether the file before this one had an `[Install]` section.
    boolean wasInstall(Entry entry) throws IOException {
        return WholeFile.read(file(entry.name()))
                .filter(before -> !before.equals(entry.file().text()))
                .filter(before -> before.toStringUtf8().lines().anyMatch(line -> line.strip().equals("[Install]")))
                .isPresent();
    }

    void saveFile(Entry entry) throws IOException {
        WholeFile.write(file(entry.name()), entry.file().text());
    }

    /// What has a name that is too long is refused, and so it is by the next agent.
    void saveRecord(Entry entry) throws IOException {
        if (!Composed.isNamable(entry.name())) {
            return;
        }
        WholeFile.write(record(entry.name()), ByteString.copyFromUtf8(Record.encode(entry)));
    }

    void forget(UnitName unit) throws IOException {
        if (Composed.isNamable(unit)) {
            Files.deleteIfExists(file(unit));
            Files.deleteIfExists(record(unit));
        }
        try (var ofUnit = Files.newDirectoryStream(fence(), UnitKey.of(unit) + ".*")) {
            for (var file : ofUnit) {
                Files.deleteIfExists(file);
            }
        }
    }

    /// What the epochs of a unit count from.
    void saveBase(UnitName unit, long base) throws IOException {
        WholeFile.write(fence(unit, "base"), ByteString.copyFromUtf8(base + "\n"));
    }

    /// As [#saveBase], where it is gone.
    void keepBase(UnitName unit, long base) throws IOException {
        if (!Files.exists(fence(unit, "base"))) {
            saveBase(unit, base);
        }
    }

    /// Whether others may have the unit started.
    ///
    /// @param leaving whether nobody may but the agent, by loading it or starting it anew
    /// @param base whether an exclusive unit has epochs
    void bar(UnitName unit, boolean leaving, boolean base) throws IOException {
        if (leaving) {
            WholeFile.write(released(unit), ByteString.EMPTY);
        } else {
            Files.deleteIfExists(released(unit));
        }
        if (!base) {
            Files.deleteIfExists(fence(unit, "base"));
        }
    }

    /// Is there while the unit is not to be started for another unit's sake.
    Path released(UnitName unit) {
        return fence(unit, "released");
    }

    /// Why its condition has refused the last start; empty if it has not.
    Optional<String> refused(UnitName unit) {
        try {
            return WholeFile.read(fence(unit, "refused")).map(text -> text.toStringUtf8().strip())
                    .filter(words -> !words.isEmpty());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    void clearRefusal(UnitName unit) throws IOException {
        Files.deleteIfExists(fence(unit, "refused"));
    }

    /// The unit's control group, as its last start has noted it.
    Optional<String> group(UnitName unit) throws IOException {
        return WholeFile.read(fence(unit, "group")).map(text -> text.toStringUtf8().strip());
    }

    void saveGroup(UnitName unit, String group) throws IOException {
        WholeFile.write(fence(unit, "group"), ByteString.copyFromUtf8(group + "\n"));
    }

    /// Where its condition counts its starts, see [Starts].
    Path starts(UnitName unit) {
        return fence(unit, "starts");
    }

    /// Where the watchdog looks for it.
    String address(UnitName unit) {
        return "systemd " + fence(unit, "group");
    }

    Path file(UnitName unit) {
        return units.resolve(unit.full());
    }

    Path epoch(UnitName unit) {
        return fence(unit, "epoch");
    }

    private Path fence(UnitName unit, String kind) {
        return fence().resolve(UnitKey.of(unit) + "." + kind);
    }

    Path fence() {
        return root.resolve("fence");
    }

    Path condition() {
        return root.resolve("condition");
    }

    Path watchdog() {
        return root.resolve("watchdog");
    }

    private Path records() {
        return root.resolve("records");
    }

    private Path record(UnitName unit) {
        return records().resolve(unit.full());
    }

    private static void delete(Path path) throws IOException {
        if (Files.exists(path)) {
            MoreFiles.deleteRecursively(path);
        }
    }
}
