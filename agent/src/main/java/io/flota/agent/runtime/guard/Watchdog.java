package io.flota.agent.runtime.guard;

import com.google.common.collect.ImmutableSortedMap;
import com.google.common.collect.Maps;
import com.google.protobuf.ByteString;
import io.flota.agent.runtime.process.ProcFs;
import io.flota.agent.runtime.process.Signal;
import io.flota.agent.runtime.process.Signals;
import io.flota.agent.runtime.process.WholeFile;
import io.flota.agent.steps.Guard;
import io.flota.unit.UnitName;
import java.io.File;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Keeps a process beside the agent that kills units in time even if the agent cannot, see the script `watchdog`.
public final class Watchdog implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Watchdog.class);
    private static final Duration PATIENCE = Duration.ofSeconds(2);
    private static final Duration BETWEEN_SIGNALS = Duration.ofMillis(100);
    private static final Duration BETWEEN_LOOKS = Duration.ofMillis(2);
    /// One that cannot live is not started ever again.
    private static final Duration BETWEEN_STARTS = Duration.ofMillis(500);

    private record Seen(long pid, long version) {
        static final Seen NOTHING = new Seen(0, 0);
    }

    private final Path folder;
    private final Path script;
    private final String argument;
    private final Function<UnitName, String> address;
    private final Supplier<Duration> sinceBoot;
    private final Path file;
    private Deadlines written;
    private Optional<Process> process = Optional.empty();
    private long startedNanos;
    private boolean closed;

    /// @param folder for its files, and for what it has to know
    /// @param script where the script lies, see [#writeScript]
    /// @param argument its last one
    /// @param address how it finds the processes of a unit: `KIND PATH`
    /// @param sinceBoot the time since the machine's boot
    public Watchdog(
            Path folder, Path script, String argument, Function<UnitName, String> address,
            Supplier<Duration> sinceBoot)
            throws IOException {
        this.folder = folder;
        this.script = script;
        this.argument = argument;
        this.address = address;
        this.sinceBoot = sinceBoot;
        this.file = folder.resolve("deadlines");
        this.written = Deadlines.read(file);
    }

    public static void writeScript(Path script) throws IOException {
        try (var source = Watchdog.class.getResourceAsStream("watchdog")) {
            WholeFile.write(script, ByteString.readFrom(source));
        }
    }

    /// What it keeps to.
    public synchronized ImmutableSortedMap<UnitName, Guard> guards() {
        return written.guards();
    }

    /// From the return of this on, it keeps to exactly these.
    public void watch(Collection<Guard> guards) throws IOException {
        var sorted = ImmutableSortedMap.<UnitName, Guard>naturalOrder();
        guards.forEach(guard -> sorted.put(guard.unit(), guard));
        write(_ -> sorted.build());
    }

    /// Has it look at all units now: where the processes of one are may be known only since a moment ago.
    public void look() throws IOException {
        writeAgain();
        var _ = confirmed();
    }

    /// Has another one watch, as what lies in the folder was removed, and the one before would not be heard of again.
    public void renew() throws IOException {
        Optional<Process> before;
        synchronized (this) {
            writeAgain();
            if (written.guards().isEmpty()) {
                return;
            }
            before = process;
            launch();
        }
        var _ = confirmed();
        before.ifPresent(Process::destroyForcibly);
    }

    private synchronized void writeAgain() throws IOException {
        var same = new Deadlines(written.version() + 1, written.guards());
        same.write(file, address);
        written = same;
    }

    /// Before a process of a unit is made.
    ///
    /// @param guarded whether the unit has a guard
    /// @return the hundredth of a second since boot from which on the process must not begin; empty if there is none
    /// @throws IOException if it must not be made, for nothing would end it in time
    public String admit(UnitName unit, boolean exclusive, boolean guarded) throws IOException {
        if (!guarded && guards().containsKey(unit)) {
            // A guard of one that had the same name.
            write(before -> without(unit, before));
        }
        if (!exclusive) {
            return "";
        }
        var kept = confirmed().guards().get(unit);
        if (kept == null) {
            throw new IOException("it has no deadline");
        }
        return Long.toString(Deadlines.hundredths(kept));
    }

    private static ImmutableSortedMap<UnitName, Guard> without(
            UnitName unit, ImmutableSortedMap<UnitName, Guard> guards) {
        return ImmutableSortedMap.copyOf(Maps.filterKeys(guards, guarded -> !guarded.equals(unit)));
    }

    private void write(UnaryOperator<ImmutableSortedMap<UnitName, Guard>> change) throws IOException {
        boolean sooner;
        synchronized (this) {
            var guards = change.apply(written.guards());
            var next = new Deadlines(written.version() + 1, guards);
            var removed = !guards.keySet().containsAll(written.guards().keySet());
            sooner = removed || written.first().isEmpty()
                    || next.first().filter(at -> at.compareTo(written.first().get()) < 0).isPresent();
            next.write(file, address);
            written = next;
        }
        if (!isNeeded()) {
            return;
        }
        long mine = mine();
        if (ProcFs.stat(mine).filter(stat -> stat.state() == 'T').isPresent()) {
            Signals.send(Signal.CONT, List.of(mine));
        }
        if (start() || sooner) {
            var _ = confirmed();
        }
    }

    private synchronized boolean isNeeded() {
        var now = sinceBoot.get();
        return written.guards().values().stream().anyMatch(guard -> guard.livesUntil().compareTo(now) > 0);
    }

    /// Waits until the watchdog has read what is written.
    private Deadlines confirmed() throws IOException {
        Deadlines wanted;
        synchronized (this) {
            wanted = written;
        }
        long begin = System.nanoTime();
        long signalled = begin - BETWEEN_SIGNALS.toNanos();
        while (true) {
            var _ = start();
            var mine = mine();
            var seen = seen();
            boolean said = mine != 0 && seen.pid() == mine;
            if (said && seen.version() >= wanted.version()) {
                return wanted;
            }
            long now = System.nanoTime();
            if (Thread.currentThread().isInterrupted()) {
                throw new InterruptedIOException("interrupted while waiting for the watchdog"); // which does its work
            }
            if (now - begin > PATIENCE.toNanos()) {
                abandon();
                throw new IOException("the watchdog does not answer");
            }
            // Before its first word it could not stand a signal; and it reads anyway.
            if (said && now - signalled > BETWEEN_SIGNALS.toNanos()) {
                signalled = now;
                Signals.send(Signal.USR1, List.of(mine));
            }
            LockSupport.parkNanos(BETWEEN_LOOKS.toNanos());
        }
    }

    /// 0 if none lives.
    private synchronized long mine() {
        return process.filter(Process::isAlive).map(Process::pid).orElse(0L);
    }

    private Seen seen() throws IOException {
        var words = WholeFile.read(folder.resolve("seen")).map(ByteString::toStringUtf8).orElse("");
        // It is not written at one stroke.
        return words.matches("\\d{1,18} \\d{1,18}\n")
                ? new Seen(Long.parseLong(words.split(" ")[0]), Long.parseLong(words.strip().split(" ")[1]))
                : Seen.NOTHING;
    }

    /// Starts one if there is none.
    ///
    /// @return whether it was started just now
    synchronized boolean start() throws IOException {
        boolean tooSoon = startedNanos != 0 && System.nanoTime() - startedNanos < BETWEEN_STARTS.toNanos();
        if (closed || tooSoon || process.filter(Process::isAlive).isPresent()) {
            return false;
        }
        launch();
        return true;
    }

    private void launch() throws IOException {
        startedNanos = System.nanoTime();
        var builder = new ProcessBuilder(
                        "setsid", "--", "/bin/sh", script.toString(), folder.toString(), argument)
                .directory(new File("/"))
                .redirectInput(new File("/dev/null"))
                .redirectErrorStream(true)
                .redirectOutput(Redirect.to(folder.resolve("log").toFile()));
        builder.environment().keySet().retainAll(List.of("PATH"));
        var started = builder.start();
        process = Optional.of(started);
        started.onExit().thenRun(this::ended);
    }

    /// It ends by itself when there is nothing to watch; or somebody has killed it.
    private void ended() {
        synchronized (this) {
            if (closed || process.filter(Process::isAlive).isPresent() || !isNeeded()) {
                return;
            }
        }
        log.warn("the watchdog over units that depend on the lease has ended, starts another one");
        try {
            var _ = confirmed();
        } catch (IOException e) {
            log.error("cannot start a watchdog, no exclusive unit is started without because={}", e.toString());
        }
    }

    /// One that does not answer, such as one that somebody has stopped, makes room for another.
    private synchronized void abandon() {
        process.ifPresent(Process::destroyForcibly);
    }

    /// Lets it end, as no unit is up that it could have to kill.
    public synchronized void dismiss() throws IOException {
        closed = true;
        written = new Deadlines(written.version() + 1, ImmutableSortedMap.of());
        written.write(file, address);
        if (mine() != 0 && seen().pid() == mine()) {
            Signals.send(Signal.USR1, List.of(mine()));
        }
    }

    /// Lets go of it; it goes on, and is there to do so.
    @Override
    public synchronized void close() {
        if (!closed && isNeeded() && mine() == 0) {
            try {
                launch();
            } catch (IOException e) {
                log.error("no watchdog is left over units that depend on the lease because={}", e.toString());
            }
        }
        closed = true;
    }
}
