package io.flota.unitctl.local;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/// One directory of the unified cgroup hierarchy.
record Cgroup(Path path) {
    private static final List<String> CONTROLLERS = List.of("cpu", "memory", "pids");

    /// Where the cgroup of a whole cluster is or would be; empty if this host does not let us, as in a container.
    static Optional<Cgroup> forCluster(String name) throws IOException {
        return mountPoints("cgroup2").stream()
                .filter(Files::isWritable)
                .findFirst()
                .map(root -> new Cgroup(root.resolve(name)));
    }

    /// In every hierarchy, at its root and below what we are in ourselves.
    static void removeEverywhere(String name) throws IOException, LocalException {
        var above = Files.readAllLines(Path.of("/proc/self/cgroup")).stream()
                .map(line -> line.substring(line.indexOf('/') + 1))
                .distinct()
                .toList();
        for (var type : List.of("cgroup2", "cgroup")) {
            for (var root : mountPoints(type)) {
                for (var own : above) {
                    new Cgroup(root.resolve(own).resolve(name)).remove();
                }
                new Cgroup(root.resolve(name)).remove();
            }
        }
    }

    private static List<Path> mountPoints(String type) throws IOException {
        return Files.readAllLines(Path.of("/proc/self/mountinfo")).stream()
                .filter(line -> line.contains(" - " + type + " "))
                .map(line -> Path.of(line.split(" ")[4]))
                .toList();
    }

    Cgroup child(String name) {
        return new Cgroup(path.resolve(name));
    }

    /// With the controllers that units are limited by, as far as the parent hands them on.
    void make() throws IOException {
        Files.createDirectories(path);
        for (var controller : CONTROLLERS) {
            try {
                Files.writeString(path.getParent().resolve("cgroup.subtree_control"), "+" + controller);
            } catch (IOException _) {
                continue; // lives in a version 1 hierarchy, or is not ours to hand on: the agent says what it misses
            }
        }
    }

    boolean exists() {
        return Files.isDirectory(path);
    }

    boolean populated() throws IOException {
        return exists() && event("populated");
    }

    boolean frozen() throws IOException {
        return exists() && Files.readString(path.resolve("cgroup.freeze")).strip().equals("1");
    }

    void kill() throws IOException, LocalException {
        if (exists()) {
            Files.writeString(path.resolve("cgroup.kill"), "1");
            await("is empty", () -> !populated());
        }
    }

    void freeze(boolean frozen) throws IOException, LocalException {
        if (exists() && frozen() != frozen) {
            Files.writeString(path.resolve("cgroup.freeze"), frozen ? "1" : "0");
            await(frozen ? "is frozen" : "runs", () -> event("frozen") == frozen);
        }
    }

    private boolean event(String name) throws IOException {
        return Files.readAllLines(path.resolve("cgroup.events")).contains(name + " 1");
    }

    private void await(String what, Patience.Condition condition) throws IOException, LocalException {
        if (!Patience.until(Enclosure.LIMIT, condition)) {
            throw new LocalException("waited in vain until " + path + " " + what);
        }
    }

    /// With all below it; they must be empty. The kernel may need a moment to let go of dead processes.
    void remove() throws IOException, LocalException {
        if (!exists()) {
            return;
        }
        try (var walk = Files.walk(path)) {
            for (var directory : walk.filter(Files::isDirectory).sorted(Comparator.reverseOrder()).toList()) {
                new Cgroup(directory).await("can be removed", () -> removed(directory));
            }
        }
    }

    private static boolean removed(Path directory) throws IOException {
        try {
            Files.deleteIfExists(directory);
            return true;
        } catch (FileSystemException _) {
            return false; // busy
        }
    }
}
