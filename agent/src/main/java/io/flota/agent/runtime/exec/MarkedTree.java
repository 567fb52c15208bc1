package io.flota.agent.runtime.exec;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSortedSet;
import io.flota.agent.runtime.process.ProcFs;
import io.flota.agent.runtime.process.Signals;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Set;
import java.util.TreeSet;

/// Where no control group can be had: every process that carries the unit's mark in its environment. A process that
/// clears its environment gets away, which is why this is the last choice.
///
/// @param marks `NAME=value` pairs, all of which a process of the unit has in its environment
record MarkedTree(Set<String> marks) implements Tree {
    /// One that forks faster than this is killed again when its time limit has passed.
    private static final int MOST_LOOKS = 1000;

    @Override
    public ImmutableList<Path> groups() {
        return ImmutableList.of();
    }

    @Override
    public String address() {
        return "marks -";
    }

    @Override
    public void create() {}

    @Override
    public ImmutableSortedSet<Long> pids() throws IOException {
        var pids = new TreeSet<Long>();
        try (var processes = Files.newDirectoryStream(Path.of("/proc"), "[1-9]*")) {
            for (var process : processes) {
                long pid = Long.parseLong(process.getFileName().toString());
                boolean ours = isMarked(process) && !isShim(process);
                if (ours && ProcFs.stat(pid).filter(ProcFs.Stat::isAlive).isPresent()) {
                    pids.add(pid);
                }
            }
        }
        return ImmutableSortedSet.copyOf(pids);
    }

    private boolean isMarked(Path process) {
        return Set.copyOf(strings(process.resolve("environ"))).containsAll(marks);
    }

    /// The shim has the unit's environment too, and is to survive the unit.
    private static boolean isShim(Path process) {
        var command = strings(process.resolve("cmdline"));
        return command.size() > 2 && command.get(1).endsWith("/exec/shim") && command.get(2).endsWith(".pid");
    }

    private static ImmutableList<String> strings(Path file) {
        try {
            var text = new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1);
            return ImmutableList.copyOf(Arrays.asList(text.split("\0")));
        } catch (IOException _) {
            return ImmutableList.of(); // ended meanwhile, or another user's
        }
    }

    @Override
    public boolean isEmpty() throws IOException {
        return pids().isEmpty();
    }

    @Override
    public void killAll() throws IOException {
        // Again, as long as there are some that were forked meanwhile. One that was killed forks no more, but may take
        // its time to go; that is for the unit's time limit.
        var killed = new TreeSet<Long>();
        for (int i = 0; i < MOST_LOOKS; i++) {
            var pids = pids();
            Signals.kill(pids);
            if (!killed.addAll(pids)) {
                return;
            }
        }
    }

    @Override
    public void remove() {}
}
