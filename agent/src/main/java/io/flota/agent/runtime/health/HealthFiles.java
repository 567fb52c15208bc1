package io.flota.agent.runtime.health;

import com.google.common.base.Splitter;
import com.google.common.collect.ImmutableSortedMap;
import com.google.protobuf.ByteString;
import io.flota.agent.runtime.health.Diagnosis.Status;
import io.flota.agent.runtime.process.WholeFile;
import io.flota.agent.steps.Run;
import io.flota.unit.UnitFile;
import io.flota.unit.UnitFileException;
import io.flota.unit.UnitName;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What outlives an agent: the files of units that offer something, and how healthy they were when it changed last.
/// What cannot be read any more is begun anew.
final class HealthFiles {
    private static final Logger LOG = LoggerFactory.getLogger(HealthFiles.class);
    private static final int WORDS = 7;

    /// @param run of which it was found
    record Kept(Run run, Diagnosis diagnosis) {}

    private final Path units;
    private final Path health;

    HealthFiles(Path root) throws IOException {
        this.units = Files.createDirectories(root.resolve("units"));
        this.health = Files.createDirectories(root.resolve("health"));
    }

    ImmutableSortedMap<UnitName, UnitFile> units() throws IOException {
        var found = new TreeMap<UnitName, UnitFile>();
        try (var files = Files.list(units)) {
            for (var file : files.toList()) {
                var name = file.getFileName().toString();
                var bytes = WholeFile.read(file);
                try {
                    found.put(new UnitName(name), UnitFile.parse(name, bytes.orElse(ByteString.EMPTY)));
                } catch (IllegalArgumentException | UnitFileException e) {
                    LOG.warn("ignores a unit file that cannot be read file={} because={}", file, e.getMessage());
                }
            }
        }
        return ImmutableSortedMap.copyOfSorted(found);
    }

    void save(UnitName unit, UnitFile file) throws IOException {
        WholeFile.write(units.resolve(unit.full()), file.bytes());
    }

    void forget(UnitName unit) throws IOException {
        Files.deleteIfExists(units.resolve(unit.full()));
        Files.deleteIfExists(health.resolve(unit.full()));
    }

    void save(UnitName unit, Kept kept) throws IOException {
        var run = kept.run();
        var diagnosis = kept.diagnosis();
        var words = List.of(
                run.generation(), run.restarts(), run.mainPid(), run.since(),
                diagnosis.begun().toNanos(), diagnosis.since().toNanos(), diagnosis.status());
        var text = String.join(" ", words.stream().map(String::valueOf).toList());
        WholeFile.write(health.resolve(unit.full()), ByteString.copyFromUtf8(text));
    }

    private static Duration nanos(String word) {
        return Duration.ofNanos(Long.parseLong(word));
    }

    Optional<Kept> kept(UnitName unit) throws IOException {
        var text = WholeFile.read(health.resolve(unit.full())).map(ByteString::toStringUtf8).orElse("");
        var words = Splitter.on(' ').splitToList(text);
        if (words.size() != WORDS) {
            return Optional.empty();
        }
        try {
            var run = new Run(
                    Long.parseLong(words.get(0)), Integer.parseInt(words.get(1)), Long.parseLong(words.get(2)),
                    Instant.parse(words.get(3)));
            var status = Status.valueOf(words.get(6));
            return Optional.of(new Kept(run, new Diagnosis(
                    status, 0, nanos(words.get(4)), nanos(words.get(5)), "")));
        } catch (IllegalArgumentException | DateTimeParseException e) {
            LOG.warn("ignores how healthy a unit was unit={} because={}", unit, e.getMessage());
            return Optional.empty();
        }
    }
}
