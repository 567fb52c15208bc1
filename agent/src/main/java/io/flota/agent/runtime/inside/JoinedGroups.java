package io.flota.agent.runtime.inside;

import com.google.common.collect.ImmutableList;
import io.flota.agent.runtime.process.ProcessGroups;
import io.flota.agent.runtime.process.ProcessGroups.Group;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/// Finds the control groups of a process that this agent is not in itself.
final class JoinedGroups {
    private JoinedGroups() {}

    /// The files by which a process enters them. Where the agent is itself in a container, some may be mounted for reading
    /// alone: those are left out, for the others count the process as the unit's, and end it with it.
    ///
    /// @throws IOException if one of them is mounted nowhere, or none can be entered
    static ImmutableList<Path> of(long pid) throws IOException {
        var own = ProcessGroups.own().groups();
        var others = ProcessGroups.of(pid)
                .orElseThrow(() -> new NoSuchFileException("/proc/" + pid + "/cgroup"))
                .groups()
                .stream()
                .filter(group -> own.stream().noneMatch(its -> isSame(its, group)))
                .toList();
        var files = ImmutableList.<Path>builder();
        for (var group : others) {
            var folder = group.folder().orElseThrow(() ->
                    new IOException("its control group " + group.path() + " is mounted nowhere"));
            if (group.writable()) {
                files.add(folder.resolve("cgroup.procs"));
            }
        }
        var found = files.build();
        if (found.isEmpty() && !others.isEmpty()) {
            throw new IOException("its control groups are mounted for reading alone");
        }
        return found;
    }

    private static boolean isSame(Group one, Group other) {
        return one.controllers().equals(other.controllers()) && one.path().equals(other.path());
    }
}
