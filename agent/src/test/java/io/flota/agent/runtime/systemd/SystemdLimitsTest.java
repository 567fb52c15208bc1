package io.flota.agent.runtime.systemd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.common.collect.ImmutableSortedMap;
import io.flota.agent.runtime.UnitDetails;
import io.flota.agent.runtime.UnitDetails.Member;
import io.flota.unit.UnitProperties;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// Limits over those of unit files, under a real systemd. Whether the kernel holds them is systemd's affair.
class SystemdLimitsTest extends OnSystemd {
    private static final String FILE = "[Service]\nMemoryMax=200M\nExecStart=/bin/sleep 1000\n";
    private static final Path DROP_INS = Path.of("/run/systemd/system.control/a.service.d");

    @Test
    void whatIsSetHoldsForWhatRuns() throws Exception {
        machine.run("a.service", FILE);
        var before = machine.until("a.service", "active/running");

        set(Map.of("MemoryMax", "64M", "CPUQuota", "50%", "TasksMax", "33", "CPUWeight", "20", "IOWeight", "30",
                "MemoryHigh", "infinity"));

        until("MemoryMax", "67108864");
        assertThat(SystemdMachine.property("a.service", "CPUQuotaPerSecUSec")).isEqualTo("500ms");
        assertThat(SystemdMachine.property("a.service", "TasksMax")).isEqualTo("33");
        assertThat(SystemdMachine.property("a.service", "CPUWeight")).isEqualTo("20");
        assertThat(SystemdMachine.property("a.service", "IOWeight")).isEqualTo("30");
        assertThat(SystemdMachine.property("a.service", "MemoryHigh")).isEqualTo("infinity");
        assertThat(machine.state("a.service")).isEqualTo(before);
    }

    @Test
    void whatIsTakenAwayHoldsNoMoreAndTheFileHoldsAgain() throws Exception {
        machine.run("a.service", FILE);
        long pid = machine.until("a.service", "active/running").mainPid();
        set(Map.of("MemoryMax", "64M", "CPUQuota", "50%"));
        until("MemoryMax", "67108864");

        set(Map.of("CPUQuota", "20%"));
        until("MemoryMax", "209715200");
        assertThat(SystemdMachine.property("a.service", "CPUQuotaPerSecUSec")).isEqualTo("200ms");
        set(Map.of());

        until("CPUQuotaPerSecUSec", "infinity");
        assertThat(machine.state("a.service").mainPid()).isEqualTo(pid);
        assertThat(DROP_INS).doesNotExist();
        assertThat(SystemdMachine.property("a.service", "NeedDaemonReload")).isEqualTo("no");
    }

    @Test
    void whatIsSetHoldsForLaterStartsAndAgents() throws Exception {
        machine.load("a.service", FILE);
        set(Map.of("MemoryMax", "64M"));
        machine.start("a.service");
        machine.until("a.service", "active/running");
        assertThat(SystemdMachine.property("a.service", "MemoryMax")).isEqualTo("67108864");

        machine.restartAgent();
        machine.start(2, "a.service");

        machine.until("a.service", state -> state.sub().equals("running") && state.generation() == 2);
        assertThat(machine.runtime.properties().get(SystemdMachine.name("a.service")).toString())
                .isEqualTo("MemoryMax=64M");
        assertThat(SystemdMachine.property("a.service", "MemoryMax")).isEqualTo("67108864");
    }

    @Test
    void aUnitThatWasForgottenHasNone() throws Exception {
        machine.run("a.service", FILE);
        set(Map.of("MemoryMax", "64M"));
        until("MemoryMax", "67108864");

        machine.unload("a.service");
        machine.untilUnloaded("a.service");

        assertThat(DROP_INS).doesNotExist();
        machine.run("a.service", FILE);
        machine.until("a.service", "active/running");
        assertThat(SystemdMachine.property("a.service", "MemoryMax")).isEqualTo("209715200");
    }

    /// As after an agent that was killed, whose state folder was removed.
    @Test
    void whatSomebodyElseHasLeftDoesNotHold() throws Exception {
        Files.createDirectories(DROP_INS);
        Files.writeString(DROP_INS.resolve("50-MemoryMax.conf"), "[Service]\nMemoryMax=1M\n");

        machine.run("a.service", FILE);

        machine.until("a.service", "active/running");
        assertThat(SystemdMachine.property("a.service", "MemoryMax")).isEqualTo("209715200");
        assertThat(DROP_INS).doesNotExist();
    }

    @Test
    void whatSystemdRefusesIsTold() throws Exception {
        machine.run("a.target", "[Unit]\nDescription=Nothing that could be limited\n");
        machine.until("a.target", "active/active");

        machine.runtime.setProperties(ImmutableSortedMap.of(
                SystemdMachine.name("a.target"), UnitProperties.of(Map.of("MemoryMax", "64M"))));

        assertThat(machine.until("a.target", state -> !state.message().isEmpty()).message())
                .startsWith("its limits MemoryMax=64M do not hold: ");
    }

    @Test
    void aUnitSaysWhatItConsistsOfAndWhatItTakes() throws Exception {
        machine.run("a.service", "[Service]\nTasksMax=77\nExecStart=" + machine.script("sleep 1001 &\nexec sleep 1002\n"));
        long pid = machine.until("a.service", "active/running").mainPid();

        var details = await().until(() -> details("a.service"), told -> told.processes().size() == 2
                && told.processes().stream().allMatch(process -> process.command().startsWith("sleep ")));

        assertThat(details.processes()).extracting(Member::command).containsOnlyOnce("sleep 1001", "sleep 1002");
        assertThat(details.processes()).extracting(Member::pid).contains(pid).isSorted();
        assertThat(details.tasksMax()).contains(77L);
        assertThat(details.controlGroup()).contains("/system.slice/a.service");
        assertThat(details.mainExit()).isEmpty();
        assertThat(machine.runtime.details(SystemdMachine.name("b.service"))).isEmpty();
    }

    @Test
    void aUnitThatFailedSaysHowItsMainProcessEnded() throws Exception {
        machine.run("a.service", "[Service]\nExecStart=/bin/sh -c 'exit 42'\n");
        machine.run("b.service", "[Service]\nExecStart=/bin/sh -c 'kill -KILL $$$$'\n");

        machine.until("a.service", "failed/failed");
        machine.until("b.service", "failed/failed");

        assertThat(details("a.service").mainExit()).contains("code=exited, status=42");
        assertThat(details("b.service").mainExit()).contains("code=killed, signal=SIGKILL");
    }

    /// A type that has no processes.
    @Test
    void aTargetHasNoDetails() throws Exception {
        machine.run("a.target", "[Unit]\nDescription=Nothing that runs\n");
        machine.until("a.target", "active/active");

        assertThat(machine.runtime.details(SystemdMachine.name("a.target")).stream()
                        .flatMap(details -> details.processes().stream()))
                .isEmpty();
    }

    private UnitDetails details(String unit) throws Exception {
        return machine.runtime.details(SystemdMachine.name(unit)).orElseThrow();
    }

    private void set(Map<String, String> properties) throws Exception {
        machine.runtime.setProperties(
                ImmutableSortedMap.of(SystemdMachine.name("a.service"), UnitProperties.of(properties)));
    }

    private static void until(String property, String value) {
        await().atMost(SystemdMachine.HOPELESS)
                .until(() -> SystemdMachine.property("a.service", property), value::equals);
    }
}
