package io.flota.agent.runtime.inside;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/// A process of a unit, whose surroundings others are to get.
record Resident(long pid) {
    private static final String PROCESSES = "pid";
    /// Those that util-linux on all hosts can enter, and how.
    private static final ImmutableMap<String, String> NAMESPACES = ImmutableMap.of(
            "mnt", "--mount", "uts", "--uts", "ipc", "--ipc", "net", "--net", PROCESSES, "--pid", "cgroup", "--cgroup",
            "user", "--user");

    /// What systemd says to a main process alone: a visitor must not answer for it, nor take its sockets.
    private static final ImmutableSet<String> PERSONAL = ImmutableSet.of(
            "NOTIFY_SOCKET", "WATCHDOG_PID", "WATCHDOG_USEC", "LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES", "MAINPID",
            "JOURNAL_STREAM", "FDSTORE");

    UnitRoot root() {
        return UnitRoot.of(pid);
    }

    boolean hasOwnUsers() throws IOException {
        return differs("ns/user");
    }

    /// Whether processes have other numbers there.
    boolean hasOwnProcesses() throws IOException {
        return differs("ns/" + PROCESSES);
    }

    /// `nsenter` into where processes have those numbers, and into nothing else.
    ImmutableList<String> enteringProcesses() {
        return ImmutableList.of("nsenter", "--target", Long.toString(pid), NAMESPACES.get(PROCESSES));
    }

    /// `nsenter` into whatever of the process is not the agent's, and into its working folder.
    ///
    /// @param processes false if [#enteringProcesses] was done before
    ImmutableList<String> entering(boolean processes) throws IOException {
        var command = ImmutableList.<String>builder();
        command.add("nsenter", "--target", Long.toString(pid), "--wd");
        for (var namespace : NAMESPACES.entrySet()) {
            boolean isLeft = processes || !namespace.getKey().equals(PROCESSES);
            if (isLeft && differs("ns/" + namespace.getKey())) {
                command.add(namespace.getValue());
            }
        }
        if (differs("ns/mnt") || !isSameFolder("root")) {
            command.add("--root");
        }
        return command.build();
    }

    private boolean differs(String link) throws IOException {
        return !Files.readSymbolicLink(file(link)).equals(Files.readSymbolicLink(Path.of("/proc/self", link)));
    }

    private boolean isSameFolder(String link) throws IOException {
        return Files.isSameFile(file(link), Path.of("/proc/self", link));
    }

    /// The variables of the process that are not for it alone.
    Map<String, String> environment() throws IOException {
        var environment = new LinkedHashMap<String, String>();
        for (var entry : new String(Files.readAllBytes(file("environ")), StandardCharsets.UTF_8).split("\0")) {
            int sign = entry.indexOf('=');
            if (sign > 0 && !PERSONAL.contains(entry.substring(0, sign))) {
                environment.put(entry.substring(0, sign), entry.substring(sign + 1));
            }
        }
        return environment;
    }

    private Path file(String name) {
        return Path.of("/proc", Long.toString(pid), name);
    }
}
