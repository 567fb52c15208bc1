package io.flota.agent.runtime.exec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.flota.agent.runtime.UnitDetails;
import io.flota.agent.runtime.UnitDetails.Member;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class LimitsTest extends MachineTest {
    @Test
    void aUnitThatTakesTooMuchMemoryIsKilled() throws Exception {
        units.run("a.service", """
                [Service]
                MemoryMax=20M
                ExecStart=/usr/bin/perl -e 'my $x = "x" x (200 << 20); sleep 1000'
                """);

        assertThat(units.until("a.service", "failed/failed").message())
                .isEqualTo("killed by the kernel: out of memory (MemoryMax=)");
    }

    @Test
    void whatIsSetHoldsForWhatRuns() throws Exception {
        units.run("a.service", "[Service]\nExecStart=" + units.script(
                "sleep 1000 &\nwhile [ ! -e " + units.path("go") + " ]; do sleep 0.05; done\n"
                        + "exec perl -e 'my $x = \"x\" x (200 << 20); sleep 1000'\n") + "\n");
        var before = units.until("a.service", "active/running");

        units.set("a.service", Map.of("MemoryMax", "20M", "TasksMax", "50"));
        Files.createFile(units.path("go"));

        var after = units.until("a.service", "failed/failed");
        assertThat(after.message()).isEqualTo("killed by the kernel: out of memory (MemoryMax=)");
        assertThat(after.generation()).isEqualTo(before.generation());
        assertThat(after.restarts()).isZero();
    }

    @Test
    void whatIsTakenAwayHoldsNoMoreAndTheFileHoldsAgain() throws Exception {
        units.run("a.service", "[Service]\nTasksMax=77\nExecStart=/bin/sleep 1000\n");
        long pid = units.until("a.service", "active/running").mainPid();

        units.set("a.service", Map.of("TasksMax", "33", "MemoryMax", "64M", "CPUQuota", "50%"));
        await().until(() -> limits(pid), "33 67108864 50000"::equals);
        units.set("a.service", Map.of("TasksMax", "infinity"));
        await().until(() -> limits(pid), "max none -1"::equals);
        units.set("a.service", Map.of());
        await().until(() -> limits(pid), "77 none -1"::equals);

        assertThat(units.state("a.service").mainPid()).isEqualTo(pid);
    }

    @Test
    void whatIsSetHoldsForLaterStartsAndAgents() throws Exception {
        units.load("a.service", "[Service]\nTasksMax=77\nExecStart=/bin/sleep 1000\n");
        units.set("a.service", Map.of("TasksMax", "33", "CPUWeight", "20"));
        units.start("a.service");
        var first = units.until("a.service", "active/running");
        assertThat(limits(first.mainPid())).startsWith("33 ");
        assertThat(first.message()).isEqualTo("not honoured: CPUWeight=");

        units.restartAgent();

        assertThat(units.runtime.properties().get(Units.name("a.service")).values())
                .containsExactly(Map.entry("CPUWeight", "20"), Map.entry("TasksMax", "33"));
        units.start(2, "a.service");
        var second = units.until("a.service", state -> state.sub().equals("running") && state.generation() == 2
                && state.mainPid() != first.mainPid());
        assertThat(limits(second.mainPid())).startsWith("33 ");
    }

    @Test
    void aUnitSaysWhatItConsistsOfAndWhatItTakes() throws Exception {
        units.run("a.service", "[Service]\nTasksMax=77\nExecStart=" + units.script("sleep 1001 &\nexec sleep 1002\n") + "\n");
        long pid = units.until("a.service", "active/running").mainPid();

        var details = await().until(() -> details("a.service"), told -> told.processes().size() == 2);

        assertThat(details.processes()).extracting(Member::command).containsOnlyOnce("sleep 1001", "sleep 1002");
        assertThat(details.processes()).extracting(Member::pid).contains(pid).isSorted();
        assertThat(details.tasks()).contains(2L);
        assertThat(details.tasksMax()).contains(77L);
        assertThat(details.memory()).hasValueSatisfying(bytes -> assertThat(bytes).isPositive());
        assertThat(details.controlGroup()).hasValueSatisfying(group -> assertThat(group).endsWith("/unit-a.service"));
        assertThat(details.mainExit()).isEmpty();
        assertThat(units.runtime.details(Units.name("b.service"))).isEmpty();
    }

    @Test
    void aUnitThatFailedSaysHowItsMainProcessEnded() throws Exception {
        units.run("a.service", "[Service]\nExecStart=/bin/sh -c 'exit 42'\n");

        units.until("a.service", "failed/failed");

        assertThat(details("a.service").mainExit()).contains("code=exited, status=42");
        assertThat(details("a.service").processes()).isEmpty();
    }

    private UnitDetails details(String unit) throws Exception {
        return units.runtime.details(Units.name(unit)).orElseThrow();
    }

    /// `TasksMax MemoryMax CPUQuota` of a process, as the kernel tells them.
    private static String limits(long pid) throws IOException {
        return limit(pid, "pids", "pids.max") + " "
                + limit(pid, "memory", "memory.limit_in_bytes").replaceFirst("^\\d{16,}$", "none") + " "
                + limit(pid, "cpu", "cpu.cfs_quota_us");
    }

    private static String limit(long pid, String controller, String file) throws IOException {
        for (var line : Files.readAllLines(Path.of("/proc/" + pid + "/cgroup"))) {
            var parts = line.split(":", 3);
            if (List.of(parts[1].split(",")).contains(controller)) {
                var mount = Path.of("/sys/fs/cgroup", controller);
                return Files.readString(mount.resolve(parts[2].substring(1)).resolve(file)).strip();
            }
        }
        throw new AssertionError("no controller " + controller);
    }

    @Test
    void aUnitMayHaveOnlySoManyTasks() throws Exception {
        units.run("a.service", """
                [Service]
                Type=oneshot
                TasksMax=3
                ExecStart=%s
                """.formatted(units.script("for i in 1 2 3 4 5; do sleep 1000 & done\n")));

        units.until("a.service", "failed/failed");

        assertThat(units.journal("a.service")).anyMatch(line -> line.toLowerCase().contains("cannot fork"));
    }

    @Test
    void aShareOfTheProcessorIsSet() throws Exception {
        units.run("a.service", "[Service]\nCPUQuota=20%\nExecStart=/bin/sh -c 'cat /proc/self/cgroup; exec sleep 1000'\n");

        units.until("a.service", "active/running");

        units.until("a.service", _ -> {
            try {
                return units.journal("a.service").stream().anyMatch(line -> line.contains("cpu")
                        && line.endsWith("/" + units.settings.cgroupParent() + "/unit-a.service"));
            } catch (Exception e) {
                throw new AssertionError(e);
            }
        });
    }
}
