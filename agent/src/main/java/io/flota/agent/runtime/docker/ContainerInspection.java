package io.flota.agent.runtime.docker;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import io.flota.agent.runtime.UnitDetails;
import io.flota.agent.runtime.UnitDetails.Member;
import io.flota.agent.runtime.process.ProcFs;
import io.flota.agent.runtime.process.Traffic;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;

/// Looks at what a running container consists of at this moment, by its control groups: of version 2, or each
/// controller's own of version 1.
///
/// @param groups where those of its first process are, by controller; version 2 is the one without a name
record ContainerInspection(ImmutableMap<String, String> groups) {
    private static final Path MOUNT = Path.of("/sys/fs/cgroup");
    private static final String UNIFIED = "";
    private static final long MICRO = 1000;
    /// What the kernel shows of version 1 if there is no limit: all that can be counted, in pages.
    private static final long UNLIMITED = Long.MAX_VALUE / 4096 * 4096;

    /// Empty if it has ended.
    static Optional<ContainerInspection> of(long pid) throws IOException {
        var groups = ImmutableMap.<String, String>builder();
        try {
            for (var line : Files.readAllLines(Path.of("/proc/" + pid + "/cgroup"))) {
                var fields = line.split(":", 3); // number, controllers, path
                for (var controller : fields[1].split(",")) {
                    groups.put(controller, fields[2]);
                }
            }
        } catch (NoSuchFileException _) {
            return Optional.empty();
        }
        return Optional.of(new ContainerInspection(groups.buildKeepingLast()));
    }

    UnitDetails details() throws IOException {
        var processes = members();
        return new UnitDetails(
                Optional.ofNullable(groups.getOrDefault("name=systemd", groups.get(UNIFIED))).or(() -> first()),
                processes, number("memory", "memory.usage_in_bytes", "memory.current"),
                number("memory", "memory.limit_in_bytes", "memory.max").filter(limit -> limit < UNLIMITED), cpu(),
                number("pids", "pids.current", "pids.current"), number("pids", "pids.max", "pids.max"),
                Traffic.of(Member.pids(processes)), Optional.empty());
    }

    private Optional<String> first() {
        return groups.values().stream().findFirst();
    }

    private ImmutableList<Member> members() throws IOException {
        var members = ImmutableList.<Member>builder();
        var pids = text("pids", "cgroup.procs").or(() -> text(UNIFIED, "cgroup.procs")).orElse("");
        for (var pid : pids.lines().map(Long::parseLong).sorted().toList()) {
            ProcFs.command(pid).ifPresent(command -> members.add(new Member(pid, command)));
        }
        return members.build();
    }

    /// Nanoseconds: a bare number in version 1, a line `usage_usec` in version 2.
    private Optional<Long> cpu() {
        return text("cpuacct", "cpuacct.usage")
                .flatMap(ContainerInspection::number)
                .or(() -> text(UNIFIED, "cpu.stat").flatMap(stat -> stat.lines()
                        .filter(line -> line.startsWith("usage_usec "))
                        .findFirst()
                        .flatMap(line -> number(line.substring("usage_usec ".length())))
                        .map(micros -> micros * MICRO)));
    }

    private Optional<Long> number(String controller, String first, String second) {
        return text(controller, first).or(() -> text(UNIFIED, second)).flatMap(ContainerInspection::number);
    }

    private static Optional<Long> number(String text) {
        return text.matches("\\d{1,19}") ? Optional.of(Long.parseLong(text)) : Optional.empty();
    }

    /// Empty if there is no such group, or it has no such file.
    private Optional<String> text(String controller, String file) {
        var group = groups.get(controller);
        if (group == null) {
            return Optional.empty();
        }
        var mount = controller.equals(UNIFIED) && Files.isDirectory(MOUNT.resolve("unified"))
                ? MOUNT.resolve("unified")
                : MOUNT.resolve(controller);
        try {
            return Optional.of(Files.readString(mount.resolve(group.substring(1)).resolve(file)).strip());
        } catch (IOException _) {
            return Optional.empty(); // it ends just now
        }
    }
}
