package io.flota.agent.runtime.docker;

import com.google.common.collect.ImmutableList;
import io.flota.agent.runtime.UnitDetails;
import io.flota.agent.runtime.UnitDetails.Member;
import io.flota.agent.runtime.process.GroupFigures;
import io.flota.agent.runtime.process.ProcFs;
import io.flota.agent.runtime.process.ProcessGroups;
import io.flota.agent.runtime.process.ProcessGroups.Group;
import io.flota.agent.runtime.process.Traffic;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/// Looks at what a running container consists of at this moment.
///
/// @param groups those of its first process
record ContainerInspection(ProcessGroups groups) {
    /// Empty if it has ended.
    static Optional<ContainerInspection> of(long pid) throws IOException {
        return ProcessGroups.of(pid).map(ContainerInspection::new);
    }

    UnitDetails details() {
        var processes = members();
        return new UnitDetails(
                groups.of("name=systemd").map(Group::path).map(Path::toString), processes,
                number("memory", "memory.usage_in_bytes", "memory.current"),
                number("memory", "memory.limit_in_bytes", "memory.max"),
                text("cpuacct", "cpuacct.usage", "cpu.stat").flatMap(GroupFigures::cpu),
                number("pids", "pids.current", "pids.current"), number("pids", "pids.max", "pids.max"),
                Traffic.of(Member.pids(processes)), Optional.empty());
    }

    private ImmutableList<Member> members() {
        var members = ImmutableList.<Member>builder();
        var pids = text("pids", "cgroup.procs", "cgroup.procs").orElse("");
        for (long pid : pids.lines().map(Long::parseLong).sorted().toList()) {
            ProcFs.command(pid).ifPresent(command -> members.add(new Member(pid, command)));
        }
        return members.build();
    }

    private Optional<Long> number(String controller, String first, String second) {
        return text(controller, first, second).flatMap(GroupFigures::number);
    }

    /// @param first the file of version 1
    /// @param second that of version 2
    /// @return empty if there is no such group, or it has no such file
    private Optional<String> text(String controller, String first, String second) {
        var folder = groups.of(controller).flatMap(Group::folder);
        try {
            if (folder.isEmpty()) {
                return Optional.empty();
            }
            var file = folder.get().resolve(first);
            return Optional.of(Files.readString(Files.exists(file) ? file : folder.get().resolve(second)).strip());
        } catch (IOException _) {
            return Optional.empty(); // it ends just now
        }
    }
}
