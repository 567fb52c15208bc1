package io.flota.agent.runtime.docker;

import com.google.common.base.Splitter;
import com.google.protobuf.ByteString;
import io.flota.agent.runtime.process.WholeFile;
import io.flota.agent.steps.Run;
import io.flota.unit.UnitName;
import io.flota.unit.UnitState.Health;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What was told last of the health of containers' units, each in a file by its name: until Docker has told the next agent
/// of all containers, what it says goes on for the same runs. For any thread.
final class ToldHealth {
    private static final Logger LOG = LoggerFactory.getLogger(ToldHealth.class);
    private static final String UNCHECKED = "unchecked";
    private static final int WORDS = 5;

    /// @param run of the unit's service
    private record Told(Run run, String status) {}

    private final Path folder;
    private final TreeMap<UnitName, Told> told = new TreeMap<>();

    ToldHealth(Path folder) throws IOException {
        this.folder = Files.createDirectories(folder);
    }

    /// A run that nobody has told about is not known to be well: it counts as one that is starting.
    synchronized Health of(UnitName unit, Run run) {
        return Optional.ofNullable(told.get(unit))
                .or(() -> read(unit))
                .filter(last -> last.run().isSame(run))
                .map(last -> new Health(last.status(), false))
                .orElse(new Health("starting", false));
    }

    /// What is tried once is not tried again before it differs: it is no reason to keep units' states back.
    synchronized Health tell(UnitName unit, Run run, Health health) {
        var now = new Told(run, health.status());
        if (!now.equals(told.put(unit, now))) {
            var words = List.of(
                    run.generation(), run.restarts(), run.mainPid(), run.since(),
                    health.status().isEmpty() ? UNCHECKED : health.status());
            try {
                Files.createDirectories(folder);
                WholeFile.write(
                        folder.resolve(unit.full()),
                        ByteString.copyFromUtf8(String.join(" ", words.stream().map(String::valueOf).toList())));
            } catch (IOException e) {
                LOG.warn("the next agent will not know how healthy a container is unit={} because={}", unit, e.toString());
            }
        }
        return health;
    }

    synchronized void forget(UnitName unit) throws IOException {
        told.remove(unit);
        Files.deleteIfExists(folder.resolve(unit.full()));
    }

    private Optional<Told> read(UnitName unit) {
        try {
            var text = WholeFile.read(folder.resolve(unit.full())).map(ByteString::toStringUtf8).orElse("");
            var words = Splitter.on(' ').splitToList(text);
            if (words.size() != WORDS) {
                return Optional.empty();
            }
            var run = new Run(
                    Long.parseLong(words.get(0)), Integer.parseInt(words.get(1)), Long.parseLong(words.get(2)),
                    Instant.parse(words.get(3)));
            return Optional.of(new Told(run, words.get(4).equals(UNCHECKED) ? "" : words.get(4)));
        } catch (IOException | NumberFormatException | DateTimeParseException e) {
            LOG.warn("cannot read how healthy a container was unit={} because={}", unit, e.toString());
            return Optional.empty();
        }
    }
}
