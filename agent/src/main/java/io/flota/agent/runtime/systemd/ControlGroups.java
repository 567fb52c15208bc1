package io.flota.agent.runtime.systemd;

import com.google.protobuf.ByteString;
import io.flota.agent.runtime.systemd.Entry.Bond;
import io.flota.agent.runtime.systemd.Entry.Broken;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/// Where this host has its control groups of version 2, which systemd uses alone or beside those of version 1.
///
/// @param mount empty if the host has none
record ControlGroups(Optional<Path> mount) {
    static ControlGroups detect() throws IOException {
        for (var line : Files.readAllLines(Path.of("/proc/self/mounts"))) {
            var fields = line.split(" ");
            if (fields[2].equals("cgroup2")) {
                return new ControlGroups(Optional.of(Path.of(fields[1])));
            }
        }
        return new ControlGroups(Optional.empty());
    }

    /// What may be loaded here: a unit that must not run twice has to be killed by its group.
    Composed accept(Composed file) {
        boolean refused = mount.isEmpty() && file.bond() == Bond.EXCLUSIVE && file.broken().isEmpty();
        return refused
                ? new Composed(file.text(), file.bond(), file.install(), Optional.of(new Broken(
                        "error", "Exclusive=true needs control groups of version 2, which this host has not mounted")))
                : file;
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
