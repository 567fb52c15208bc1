package io.flota.unitctl.local;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/// A node on a host whose cgroups we may not write to. Its processes are those that carry a mark in their
/// environment, and all that descend from them. One that cleared its environment *and* outlived its parent is missed.
record TreeEnclosure(Path clusterFolder, Node node) implements Enclosure {
    static final String MARK = "FLOTA_LOCAL_NODE";

    static String mark(Path clusterFolder, String node) {
        return clusterFolder + "/" + node;
    }

    @Override
    public ImmutableList<String> wrap(ImmutableList<String> command) {
        return ImmutableList.<String>builder().add("setsid").addAll(command).build();
    }

    @Override
    public ImmutableMap<String, String> environment() {
        return ImmutableMap.of();
    }

    @Override
    public void kill() throws IOException, LocalException {
        boolean gone = Patience.until(LIMIT, () -> {
            var pids = pids();
            Signals.send("KILL", pids);
            return pids.isEmpty();
        });
        if (!gone) {
            throw new LocalException(node.name() + " has processes that SIGKILL does not end: " + pids());
        }
    }

    @Override
    public void pause() throws IOException, LocalException {
        var stopped = new TreeSet<Long>();
        for (var pids = pids(); !stopped.containsAll(pids); pids = pids()) { // they fork while we look
            Signals.send("STOP", pids);
            stopped.addAll(pids);
        }
    }

    @Override
    public void resume() throws IOException, LocalException {
        Signals.send("CONT", pids());
    }

    @Override
    public boolean paused() throws IOException {
        var pids = pids();
        return !pids.isEmpty() && pids.stream().allMatch(LivePid::isStopped);
    }

    @Override
    public boolean empty() throws IOException {
        return pids().isEmpty();
    }

    private Set<Long> pids() throws IOException {
        var pids = new TreeSet<Long>();
        LivePid.read(node.folder().resolve("pid")).ifPresent(main -> pids.add(main.pid()));
        try (var processes = ProcessHandle.allProcesses()) {
            processes.filter(process -> marked(process.pid())).map(ProcessHandle::pid).forEach(pids::add);
        }
        for (long pid : List.copyOf(pids)) {
            ProcessHandle.of(pid).stream()
                    .flatMap(ProcessHandle::descendants)
                    .map(ProcessHandle::pid)
                    .forEach(pids::add);
        }
        pids.removeIf(pid -> LivePid.statOf(pid).filter(stat -> !stat[0].equals("Z")).isEmpty());
        return pids;
    }

    private boolean marked(long pid) {
        try {
            var environment = Files.readAllBytes(Path.of("/proc", Long.toString(pid), "environ"));
            var variables = List.of(new String(environment, StandardCharsets.ISO_8859_1).split("\0"));
            return node.environment().entrySet().stream()
                    .anyMatch(mark -> variables.contains(mark.getKey() + "=" + mark.getValue()));
        } catch (IOException _) {
            return false; // gone, or another user's
        }
    }
}
