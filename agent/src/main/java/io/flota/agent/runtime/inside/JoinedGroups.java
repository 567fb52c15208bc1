package io.flota.agent.runtime.inside;

import com.google.common.collect.ImmutableList;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.TreeMap;

/// Finds the control groups of a process, of both versions and of all controllers, that this agent is not in itself.
final class JoinedGroups {
    /// One place where control groups are mounted.
    ///
    /// @param root the group that is seen there
    /// @param controllers of version 1, and `name=systemd`; that of version 2 is the empty one
    private record Mount(Path root, Path point, List<String> controllers, boolean writable) {}

    private JoinedGroups() {}

    /// The files by which a process enters them. Where the agent is itself in a container, some may be mounted for reading
    /// alone: those are left out, for the others count the process as the unit's, and end it with it.
    ///
    /// @throws IOException if one of them is mounted nowhere, or none can be entered
    static ImmutableList<Path> of(long pid) throws IOException {
        var mounts = mounts();
        var own = groups("self");
        var files = ImmutableList.<Path>builder();
        boolean differs = false;
        for (var group : groups(Long.toString(pid)).entrySet()) {
            if (!group.getValue().equals(own.get(group.getKey()))) {
                differs = true;
                var mount = mount(mounts, group.getKey(), group.getValue());
                if (mount.writable()) {
                    files.add(file(mount, group.getValue()));
                }
            }
        }
        var found = files.build();
        if (differs && found.isEmpty()) {
            throw new IOException("its control groups are mounted for reading alone");
        }
        return found;
    }

    private static Mount mount(List<Mount> mounts, String controllers, Path group) throws IOException {
        var wanted = new HashSet<>(Arrays.asList(controllers.split(",")));
        return mounts.stream()
                .filter(mount -> mount.controllers().containsAll(wanted) && group.startsWith(mount.root()))
                .filter(mount -> Files.exists(file(mount, group)))
                .findFirst()
                .orElseThrow(() -> new IOException("its control group " + group + " is mounted nowhere"));
    }

    private static Path file(Mount mount, Path group) {
        return mount.point().resolve(mount.root().relativize(group)).resolve("cgroup.procs");
    }

    /// By controllers; under the empty name for version 2.
    private static TreeMap<String, Path> groups(String process) throws IOException {
        var groups = new TreeMap<String, Path>();
        for (var line : Files.readAllLines(Path.of("/proc", process, "cgroup"))) {
            var parts = line.split(":", 3);
            groups.put(parts[1], Path.of(parts[2]));
        }
        return groups;
    }

    private static List<Mount> mounts() throws IOException {
        return Files.readAllLines(Path.of("/proc/self/mountinfo")).stream()
                .map(line -> line.split(" - ", 2))
                .filter(halves -> halves[1].startsWith("cgroup"))
                .map(JoinedGroups::mount)
                .toList();
    }

    private static Mount mount(String[] halves) {
        var place = halves[0].split(" ");
        var kind = halves[1].split(" ");
        var controllers = kind[0].equals("cgroup2") ? List.of("") : Arrays.asList(kind[2].split(","));
        boolean writable = !Arrays.asList(place[5].split(",")).contains("ro");
        return new Mount(Path.of(place[3]), Path.of(place[4]), controllers, writable);
    }
}
