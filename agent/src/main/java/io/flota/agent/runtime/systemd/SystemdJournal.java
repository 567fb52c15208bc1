package io.flota.agent.runtime.systemd;

import com.google.common.collect.ImmutableList;
import io.flota.agent.runtime.RuntimeUnavailableException;
import io.flota.agent.runtime.UnitRuntime.JournalLine;
import io.flota.agent.runtime.UnitRuntime.JournalPart;
import io.flota.unit.UnitName;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Reads what units wrote from systemd's journal, by `journalctl`.
final class SystemdJournal implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(SystemdJournal.class);
    private static final int LONGEST_BATCH = 500;
    /// A reader that does not keep up makes journalctl wait, and nothing else.
    private static final int QUEUED_BATCHES = 8;

    private static final String BOOT = "_BOOT_ID=";

    private final boolean user;
    private volatile Optional<String> boot = Optional.empty();
    private final Map<Process, UnitName> following = new ConcurrentHashMap<>();

    /// @param user whether the units are those of a user's systemd
    SystemdJournal(boolean user) {
        this.user = user;
    }

    /// As [io.flota.agent.runtime.UnitRuntime#journal].
    void read(UnitName unit, JournalPart part, Consumer<ImmutableList<JournalLine>> sink)
            throws RuntimeUnavailableException, InterruptedException {
        Process process;
        try {
            process = new ProcessBuilder(command(unit, part)).redirectError(Redirect.PIPE).start();
        } catch (IOException e) {
            throw new RuntimeUnavailableException("cannot read the journal: " + e.getMessage(), e);
        }
        if (part.follow()) {
            following.put(process, unit);
        }
        var batches = new ArrayBlockingQueue<ImmutableList<JournalLine>>(QUEUED_BATCHES);
        var parser = Thread.ofVirtual().name("journal of " + unit).start(() -> parse(unit, process, batches));
        try {
            for (var batch = batches.take(); !batch.isEmpty(); batch = batches.take()) {
                sink.accept(batch);
                if (Thread.interrupted()) {
                    throw new InterruptedException();
                }
            }
            complain(unit, process);
        } finally {
            following.remove(process);
            process.destroyForcibly();
            parser.interrupt(); // it waits for room that nobody makes any more if the reader has left
        }
    }

    private static void complain(UnitName unit, Process process)
            throws RuntimeUnavailableException, InterruptedException {
        try (var said = process.errorReader()) {
            var words = Optional.ofNullable(said.readLine()).orElse("");
            int exit = process.waitFor();
            boolean ended = exit == 0 || exit > 128; // or told to by us
            if (!ended) {
                var advice = words.contains("insufficient permissions")
                        ? " (the agent's user has to be in the group systemd-journal)"
                        : "";
                throw new RuntimeUnavailableException("journalctl fails for " + unit + ": " + words + advice);
            }
        } catch (IOException e) {
            throw new RuntimeUnavailableException("journalctl fails for " + unit + ": " + e.getMessage(), e);
        }
    }

    private ImmutableList<String> command(UnitName unit, JournalPart part) {
        var command = ImmutableList.<String>builder()
                .add("journalctl", "--quiet", "--no-pager", "--output=export")
                .add("--output-fields=MESSAGE,SYSLOG_IDENTIFIER,_COMM,_PID")
                .add("--lines=" + (part.lines() < 0 ? "all" : Integer.toString(part.lines())));
        part.since().ifPresent(since -> command.add(String.format(
                Locale.ROOT, "--since=@%d.%06d", since.getEpochSecond(), since.getNano() / 1000)));
        if (part.follow()) {
            command.add("--follow");
            boot().ifPresent(id -> command.add("--boot=" + id));
        }
        return command.addAll(matches(unit, part)).build();
    }

    private ImmutableList<String> matches(UnitName unit, JournalPart part) {
        if (part.others().isEmpty()) {
            return ImmutableList.of((user ? "--user-unit=" : "--unit=") + unit);
        }
        // That option would hold for all of it. What begins with an underscore is journald's own word.
        var own = user
                ? ImmutableList.of("_SYSTEMD_USER_UNIT=" + unit, "+", "_COMM=systemd", "USER_UNIT=" + unit)
                : ImmutableList.of("_SYSTEMD_UNIT=" + unit, "+", "_PID=1", "UNIT=" + unit);
        var matches = ImmutableList.<String>builder().addAll(own).add("+", "_COMM=dockerd");
        part.others().forEach((field, value) -> matches.add(field + "=" + value));
        return matches.build();
    }

    /// The boot that the newest entry is of. To follow means to follow this boot's entries, and which one it is journalctl
    /// may get wrong: an agent with `ProtectKernelTunables=` in a container sees the boot id of the host.
    private Optional<String> boot() {
        if (boot.isEmpty()) {
            try {
                var process = new ProcessBuilder(
                                "journalctl", "--quiet", "--no-pager", "--output=export", "--output-fields=_BOOT_ID",
                                "--lines=1")
                        .redirectError(Redirect.DISCARD)
                        .start();
                try (var said = process.inputReader()) {
                    boot = said.lines()
                            .filter(line -> line.startsWith(BOOT))
                            .map(line -> line.substring(BOOT.length()))
                            .reduce((_, last) -> last);
                }
            } catch (IOException e) {
                log.warn("cannot ask for the newest entry of the journal because={}", e.toString());
            }
        }
        return boot;
    }

    /// The end is an empty batch.
    private static void parse(UnitName unit, Process process, BlockingQueue<ImmutableList<JournalLine>> batches) {
        try {
            try (var input = new BufferedInputStream(process.getInputStream())) {
                var entries = new ExportedEntries(unit, input);
                List<JournalLine> batch = new ArrayList<>();
                for (var line = entries.next(); line.isPresent(); line = entries.next()) {
                    batch.add(line.get());
                    if (batch.size() >= LONGEST_BATCH || input.available() == 0) {
                        batches.put(ImmutableList.copyOf(batch));
                        batch.clear();
                    }
                }
                if (!batch.isEmpty()) {
                    batches.put(ImmutableList.copyOf(batch));
                }
            } catch (IOException e) {
                if (process.isAlive()) {
                    log.warn("what journalctl says cannot be read unit={} because={}", unit, e.toString());
                }
            }
            batches.put(ImmutableList.of());
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    /// Whoever follows this unit's journal hears no more.
    void endFollowing(UnitName unit) {
        following.forEach((process, of) -> {
            if (of.equals(unit)) {
                process.destroy();
            }
        });
    }

    @Override
    public void close() {
        following.keySet().forEach(Process::destroy);
    }
}
