package io.flota.agent.runtime.process;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import com.google.common.collect.Iterables;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Optional;

/// What the kernel says of processes.
public final class ProcFs {
    /// @param state `R`, `S`, `Z`, `T` …
    /// @param session the process id of the leader of its session
    /// @param ticks when it started
    public record Stat(long pid, char state, long parent, long session, long ticks) {
        public boolean isAlive() {
            return state != 'Z' && state != 'X';
        }
    }

    private ProcFs() {}

    /// Empty if there is no such process.
    public static Optional<Stat> stat(long pid) {
        try {
            return parse(new String(
                    Files.readAllBytes(Path.of("/proc/" + pid + "/stat")), StandardCharsets.ISO_8859_1));
        } catch (IOException _) {
            return Optional.empty(); // gone, be it while it was read
        }
    }

    /// What a process is called; empty if there is none.
    public static Optional<String> name(long pid) {
        try {
            return Optional.of(Files.readString(Path.of("/proc/" + pid + "/comm")).strip());
        } catch (IOException _) {
            return Optional.empty();
        }
    }

    /// What a process was started as, with its arguments; its name in brackets if it hides them. Empty if there is none.
    public static Optional<String> command(long pid) {
        try {
            var line = Files.readString(Path.of("/proc/" + pid + "/cmdline"), StandardCharsets.ISO_8859_1)
                    .replace('\0', ' ')
                    .strip();
            return line.isEmpty() ? name(pid).map(name -> "[" + name + "]") : Optional.of(line);
        } catch (IOException _) {
            return Optional.empty();
        }
    }

    /// Bytes of memory that a process has at hand; 0 if there is none.
    public static long resident(long pid) {
        try {
            for (var line : Files.readAllLines(Path.of("/proc/" + pid + "/status"), StandardCharsets.ISO_8859_1)) {
                if (line.startsWith("VmRSS:")) {
                    return Long.parseLong(line.replaceAll("\\D", "")) * 1024;
                }
            }
            return 0;
        } catch (IOException _) {
            return 0;
        }
    }

    /// How many threads a process has; 0 if there is none.
    public static int threads(long pid) {
        try (var threads = Files.newDirectoryStream(Path.of("/proc/" + pid + "/task"))) {
            return Iterables.size(threads);
        } catch (IOException _) {
            return 0;
        }
    }

    /// The line of `/proc/PID/stat`; empty if it is not whole.
    public static Optional<Stat> parse(String line) {
        int close = line.lastIndexOf(')');
        if (close < 0 || !line.endsWith("\n")) {
            return Optional.empty();
        }
        // After the name in parentheses come state, parent … and, as the 20th of them, the start.
        var fields = line.substring(close + 2).strip().split(" ");
        if (fields.length < 20) {
            return Optional.empty();
        }
        long pid = Long.parseLong(line.substring(0, line.indexOf(' ')));
        return Optional.of(new Stat(
                pid, fields[0].charAt(0), Long.parseLong(fields[1]), Long.parseLong(fields[3]),
                Long.parseLong(fields[19])));
    }

    /// The living processes of a session, its leader included, and of the sessions that the leader's children lead.
    public static ImmutableList<Stat> ofSession(long leader) throws IOException {
        var living = new ArrayList<Stat>();
        try (var processes = Files.newDirectoryStream(Path.of("/proc"), "[1-9]*")) {
            for (var process : processes) {
                stat(Long.parseLong(process.getFileName().toString())).filter(Stat::isAlive).ifPresent(living::add);
            }
        }
        var sessions = living.stream()
                .filter(stat -> stat.parent() == leader && stat.pid() == stat.session())
                .map(Stat::pid)
                .collect(ImmutableSet.toImmutableSet());
        return living.stream()
                .filter(stat -> stat.session() == leader || sessions.contains(stat.session()))
                .collect(ImmutableList.toImmutableList());
    }

    /// Whether this very process still runs.
    public static boolean isAlive(long pid, long ticks) {
        return stat(pid).filter(stat -> stat.isAlive() && stat.ticks() == ticks).isPresent();
    }
}
