package io.flota.unitctl.local;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/// A process id with the time at which that process started, as ids are used again and again.
///
/// @param startTicks since boot, as /proc says it
record LivePid(long pid, long startTicks) {
    private static final int STATE = 0;
    private static final int START_TIME = 19; // field 22 of proc(5), counted from the state

    static LivePid of(Process process) throws LocalException {
        var ticks = statOf(process.pid()).map(stat -> Long.parseLong(stat[START_TIME]));
        return new LivePid(process.pid(), ticks.orElseThrow(() -> new LocalException("/proc does not show our child")));
    }

    /// The process that this file tells of, if it still runs.
    static Optional<LivePid> read(Path file) throws IOException {
        if (!Files.exists(file)) {
            return Optional.empty();
        }
        var words = Files.readString(file).strip().split(" ");
        var kept = new LivePid(Long.parseLong(words[0]), Long.parseLong(words[1]));
        return kept.lives() ? Optional.of(kept) : Optional.empty();
    }

    void write(Path file) throws IOException {
        Files.writeString(file, pid + " " + startTicks + "\n");
    }

    /// A zombie is dead: it only waits for its parent to notice.
    boolean lives() {
        return statOf(pid)
                .filter(stat -> Long.parseLong(stat[START_TIME]) == startTicks)
                .filter(stat -> !stat[STATE].equals("Z") && !stat[STATE].equals("X"))
                .isPresent();
    }

    /// By SIGSTOP.
    static boolean isStopped(long pid) {
        return statOf(pid).filter(stat -> stat[STATE].equals("T")).isPresent();
    }

    /// The fields of /proc/PID/stat behind the command's name, which may itself contain anything.
    static Optional<String[]> statOf(long pid) {
        try {
            var stat = Files.readString(Path.of("/proc", Long.toString(pid), "stat"));
            return Optional.of(stat.substring(stat.lastIndexOf(')') + 2).split(" "));
        } catch (IOException _) {
            return Optional.empty(); // it is gone
        }
    }
}
