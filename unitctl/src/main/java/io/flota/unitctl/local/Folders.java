package io.flota.unitctl.local;

import com.google.common.io.MoreFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.stream.Stream;

/// Where clusters keep their files, and how those are removed.
final class Folders {
    private Folders() {}

    /// The folder of the cluster that commands mean when they are not told another.
    static Path ofDefaultCluster() {
        var state = Stream.ofNullable(System.getenv("XDG_STATE_HOME"))
                .filter(home -> !home.isEmpty())
                .map(Path::of)
                .findFirst()
                .orElseGet(() -> Path.of(System.getProperty("user.home"), ".local", "state"));
        return state.resolve("flota").resolve("local");
    }

    /// With all that is in it; links are not followed, what is mounted below is unmounted first.
    static void delete(Path folder) throws IOException, LocalException {
        unmountBelow(folder);
        if (Files.exists(folder)) {
            MoreFiles.deleteRecursively(folder);
        }
    }

    private static void unmountBelow(Path folder) throws IOException, LocalException {
        var mounted = Files.readAllLines(Path.of("/proc/self/mountinfo")).stream()
                .map(line -> Path.of(line.split(" ")[4]))
                .filter(point -> point.startsWith(folder))
                .sorted(Comparator.reverseOrder())
                .toList();
        for (var point : mounted) {
            try {
                new ProcessBuilder("umount", "--lazy", point.toString()).inheritIO().start().waitFor();
            } catch (InterruptedException _) {
                Thread.currentThread().interrupt();
                throw new LocalException("interrupted while unmounting " + point);
            }
        }
    }
}
