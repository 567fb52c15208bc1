package io.flota.agent.runtime.process;

import com.google.common.collect.ImmutableList;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/// The control groups that a process is in, of both versions and of all controllers, and where this agent finds them: where
/// it is in a container itself, it may see only parts of the hierarchies.
public record ProcessGroups(ImmutableList<Group> groups) {
    /// @param controllers of version 1, and `name=systemd`; the one of version 2 has the empty one
    /// @param path as the kernel names it
    /// @param folder where it is mounted; empty if nowhere
    /// @param writable whether it can be entered there
    public record Group(List<String> controllers, Path path, Optional<Path> folder, boolean writable) {}

    /// One place where control groups are mounted.
    ///
    /// @param root the group that is seen there
    private record Mount(Path root, Path point, List<String> controllers, boolean writable) {
        static Mount of(String line) {
            var halves = line.split(" - ", 2);
            var place = halves[0].split(" ");
            var kind = halves[1].split(" ");
            var controllers = kind[0].equals("cgroup2") ? List.of("") : Arrays.asList(kind[2].split(","));
            boolean writable = !Arrays.asList(place[5].split(",")).contains("ro");
            return new Mount(Path.of(place[3]), Path.of(place[4]), controllers, writable);
        }

        boolean shows(List<String> wanted, Path group) {
            return controllers.containsAll(wanted) && group.startsWith(root) && Files.isDirectory(folder(group));
        }

        Path folder(Path group) {
            return point.resolve(root.relativize(group));
        }
    }

    /// Those of the agent.
    public static ProcessGroups own() throws IOException {
        return read("self").orElseThrow(() -> new IOException("there is no /proc/self/cgroup"));
    }

    /// Empty if there is no such process.
    public static Optional<ProcessGroups> of(long pid) throws IOException {
        return read(Long.toString(pid));
    }

    private static Optional<ProcessGroups> read(String process) throws IOException {
        var mounts = Files.readAllLines(Path.of("/proc/self/mountinfo")).stream()
                .filter(line -> line.split(" - ", 2)[1].startsWith("cgroup"))
                .map(Mount::of)
                .toList();
        try {
            return Optional.of(new ProcessGroups(Files.readAllLines(Path.of("/proc", process, "cgroup")).stream()
                    .map(line -> line.split(":", 3)) // number, controllers, path
                    .map(fields -> group(mounts, Arrays.asList(fields[1].split(",")), Path.of(fields[2])))
                    .collect(ImmutableList.toImmutableList())));
        } catch (NoSuchFileException _) {
            return Optional.empty();
        }
    }

    private static Group group(List<Mount> mounts, List<String> controllers, Path path) {
        var mount = mounts.stream().filter(each -> each.shows(controllers, path)).findFirst();
        return new Group(
                controllers, path, mount.map(each -> each.folder(path)), mount.filter(Mount::writable).isPresent());
    }

    /// The group that counts for a controller: its own of version 1, or the one of version 2.
    public Optional<Group> of(String controller) {
        return groups.stream()
                .filter(group -> group.controllers().contains(controller))
                .findFirst()
                .or(() -> groups.stream().filter(group -> group.controllers().contains("")).findFirst());
    }
}
