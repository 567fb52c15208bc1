package io.flota.agent.runtime.inside;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;

/// The files that a process sees. Links are followed as it would follow them: an absolute one leads into its own root and
/// not into ours, whatever it says.
///
/// @param folder its root by a path of ours
record UnitRoot(Path folder) {
    /// As many as the kernel follows.
    private static final int MOST_LINKS = 40;

    static UnitRoot of(long pid) {
        return new UnitRoot(Path.of("/proc", Long.toString(pid), "root"));
    }

    /// A path by which we reach what the process reaches by this one; empty if there is nothing.
    ///
    /// @param path from its root on
    Optional<Path> find(String path) throws IOException {
        Deque<String> rest = new ArrayDeque<>(List.of(path.split("/")));
        var at = folder;
        for (int links = 0; !rest.isEmpty(); ) {
            var name = rest.pop();
            if (name.equals("..")) {
                at = at.equals(folder) ? folder : at.getParent();
            } else if (!name.isEmpty() && !name.equals(".")) {
                var next = at.resolve(name);
                if (!Files.exists(next, LinkOption.NOFOLLOW_LINKS)) {
                    return Optional.empty();
                }
                if (!Files.isSymbolicLink(next)) {
                    at = next;
                    continue;
                }
                if (++links > MOST_LINKS) {
                    return Optional.empty();
                }
                var target = Files.readSymbolicLink(next).toString();
                at = target.startsWith("/") ? folder : at;
                List.of(target.split("/")).reversed().forEach(rest::push);
            }
        }
        return Optional.of(at);
    }

    /// How the process names what [#find] has found.
    String inside(Path found) {
        return "/" + folder.relativize(found);
    }
}
