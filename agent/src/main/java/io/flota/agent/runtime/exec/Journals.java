package io.flota.agent.runtime.exec;

import com.google.common.collect.ImmutableList;
import io.flota.agent.runtime.UnitRuntime.JournalLine;
import io.flota.agent.runtime.UnitRuntime.JournalPart;
import io.flota.agent.runtime.process.FolderWatch;
import io.flota.unit.UnitName;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The journals of all units, fed as their output grows.
final class Journals implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Journals.class);
    /// Lines that come within this time are taken over together; a reader who follows hardly sees it.
    private static final Duration GATHER = Duration.ofMillis(10);

    private final StateFolder state;
    private final long keptBytes;
    private final InstantSource clock;
    private final Map<String, UnitJournal> byFolder = new ConcurrentHashMap<>();
    private final String speaker = "flota[" + ProcessHandle.current().pid() + "]";
    private final FolderWatch watch;

    Journals(StateFolder state, long keptBytes, InstantSource clock) throws IOException {
        this.state = state;
        this.keptBytes = keptBytes;
        this.clock = clock;
        this.watch = FolderWatch.start(state.outputs(), this::ingest);
    }

    /// A unit has a journal from here until it is forgotten. Without one it runs all the same.
    void open(UnitName unit) {
        byFolder.computeIfAbsent(StateFolder.folderName(unit), _ -> {
            try {
                var files = new JournalFiles(unit, state.journal(unit), keptBytes);
                return new UnitJournal(unit, state.output(unit), files, clock);
            } catch (IOException e) {
                log.error("a unit has no journal unit={} because={}", unit, e.toString());
                return null; // to this map: no entry
            }
        });
    }

    Optional<UnitJournal> known(UnitName unit) {
        return Optional.ofNullable(byFolder.get(StateFolder.folderName(unit)));
    }

    /// As [io.flota.agent.runtime.UnitRuntime#journal].
    boolean tell(UnitName unit, JournalPart part, Consumer<ImmutableList<JournalLine>> sink)
            throws IOException, InterruptedException {
        var journal = known(unit);
        if (journal.isEmpty()) {
            return false;
        }
        var reading = journal.get().read(part);
        try {
            sink.accept(reading.last());
            while (part.follow()) {
                var batch = reading.later().take();
                if (batch.isEmpty()) {
                    return true;
                }
                sink.accept(batch);
            }
            return true;
        } finally {
            journal.get().stopFollowing(reading.later());
        }
    }

    void say(UnitName unit, String text) {
        try {
            var journal = known(unit);
            if (journal.isPresent()) {
                journal.get().say(speaker, text);
            }
        } catch (IOException e) {
            log.warn("cannot write a unit's journal unit={} because={}", unit, e.toString());
        }
    }

    void forget(UnitName unit) {
        Optional.ofNullable(byFolder.remove(StateFolder.folderName(unit))).ifPresent(UnitJournal::end);
    }

    /// Takes over what units wrote while no agent was there.
    void ingestAll() {
        ingest(byFolder.values());
    }

    private void ingest(Set<Path> names) {
        if (names.isEmpty()) {
            ingestAll();
        } else {
            ingest(names.stream()
                    .flatMap(name -> Optional.ofNullable(byFolder.get(name.toString())).stream())
                    .toList());
        }
        LockSupport.parkNanos(GATHER.toNanos());
    }

    private static void ingest(Collection<UnitJournal> journals) {
        for (var journal : journals) {
            try {
                journal.ingest();
            } catch (IOException e) {
                log.warn("cannot take over a unit's output because={}", e.toString());
            }
        }
    }

    @Override
    public void close() {
        watch.close();
        byFolder.values().forEach(UnitJournal::end);
    }
}
