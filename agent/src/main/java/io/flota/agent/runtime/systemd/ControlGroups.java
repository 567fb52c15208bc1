package io.flota.agent.runtime.systemd;

import com.google.protobuf.ByteString;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;

/// Where this host has its control groups of version 2, which systemd uses alone or beside those of version 1.
///
/// @param mount empty if the host has none
/// @param kill whether a whole group can be killed at once
record ControlGroups(Optional<Path> mount, boolean kill) {
    static ControlGroups detect() throws IOException {
        for (var line : Files.readAllLines(Path.of("/proc/self/mounts"))) {
            var fields = line.split(" ");
            if (fields[2].equals("cgroup2")) {
                return at(Path.of(fields[1]));
            }
        }
        return new ControlGroups(Optional.empty(), false);
    }

    /// The kernel shows what a group can do in each but the topmost one; systemd has made some below.
    static ControlGroups at(Path mount) throws IOException {
        try (var groups = Files.list(mount)) {
            boolean kill = Stream.concat(Stream.of(mount), groups)
                    .anyMatch(group -> Files.exists(group.resolve("cgroup.kill")));
            return new ControlGroups(Optional.of(mount), kill);
        }
    }

    /// Why no unit can be killed in time here; empty if each can.
    Optional<String> problem() {
        if (mount.isEmpty()) {
            return Optional.of("needs control groups of version 2, which this host has not mounted");
        }
        return kill
                ? Optional.empty()
                : Optional.of("needs cgroup.kill, which the kernel of this host does not have; Linux has it from 5.14 on");
    }

    /// Lets a group go on that the watchdog has frozen.
    ///
    /// @param group its path in the hierarchy; empty if none is known
    void thaw(Optional<String> group) throws IOException {
        if (mount.isEmpty() || group.isEmpty() || group.get().isEmpty()) {
            return;
        }
        var freeze = mount.get().resolve(group.get().substring(1)).resolve("cgroup.freeze");
        if (Files.exists(freeze)) {
            Files.write(freeze, ByteString.copyFromUtf8("0").toByteArray());
        }
    }
}
