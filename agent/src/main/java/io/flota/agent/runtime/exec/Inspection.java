package io.flota.agent.runtime.exec;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSortedSet;
import io.flota.agent.runtime.UnitDetails;
import io.flota.agent.runtime.UnitDetails.Member;
import io.flota.agent.runtime.process.GroupFigures;
import io.flota.agent.runtime.process.ProcFs;
import io.flota.agent.runtime.process.Traffic;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/// Looks at what a unit consists of at this moment.
record Inspection(Cgroups cgroups) {
    private static final Path GROUPS = Path.of("/sys/fs/cgroup");

    UnitDetails of(Entry entry) throws IOException {
        var unit = entry.name();
        var tree = cgroups.tree(unit);
        var pids = tree.pids();
        var memory = cgroups.figure(unit, "memory", "memory.usage_in_bytes", "memory.current").flatMap(GroupFigures::number)
                .filter(bytes -> bytes > 0) // a group that was entered later counts from then on
                .or(() -> resident(pids));
        var cpu = cgroups.figure(unit, "cpuacct", "cpuacct.usage", "cpu.stat").flatMap(GroupFigures::cpu);
        return new UnitDetails(
                tree.groups().stream().findFirst().map(Inspection::shown), members(pids), memory, entry.limits().memory(),
                cpu, Optional.of((long) tasks(pids)), entry.limits().tasks(), Traffic.of(pids),
                entry.life().mainExit().map(Object::toString));
    }

    private static ImmutableList<Member> members(ImmutableSortedSet<Long> pids) {
        var members = ImmutableList.<Member>builder();
        for (long pid : pids) {
            ProcFs.command(pid).ifPresent(command -> members.add(new Member(pid, command)));
        }
        return members.build();
    }

    /// Where no group counts the memory: what is shared counts for each of them.
    private static Optional<Long> resident(ImmutableSortedSet<Long> pids) {
        return pids.isEmpty() ? Optional.empty() : Optional.of(pids.stream().mapToLong(ProcFs::resident).sum());
    }

    private static int tasks(ImmutableSortedSet<Long> pids) {
        int tasks = 0;
        for (long pid : pids) {
            tasks += ProcFs.threads(pid);
        }
        return tasks;
    }

    /// As systemd shows it, without the folder where all groups are mounted.
    private static String shown(Path group) {
        return group.startsWith(GROUPS) ? "/" + GROUPS.relativize(group) : group.toString();
    }
}
