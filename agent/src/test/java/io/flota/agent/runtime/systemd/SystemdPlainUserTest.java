package io.flota.agent.runtime.systemd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.common.collect.ImmutableSortedMap;
import io.flota.unit.UnitProperties;
import java.nio.file.Files;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/// Units of an agent that is not root: of its user's own systemd, or of the machine's as far as polkit allows it.
class SystemdPlainUserTest extends OnSystemd {
    private static final String SLEEP = "[Service]\nExecStart=/bin/sleep 1000\n";

    @Test
    void unitsAreLoadedStartedRestartedAdoptedAndStopped() throws Exception {
        machine.load("a.service", SLEEP);
        machine.until("a.service", "inactive/dead");

        machine.start("a.service");
        var first = machine.until("a.service", "active/running");
        assertThat(SystemdMachine.property("a.service", "MainPID")).isEqualTo(Long.toString(first.mainPid()));

        machine.start(2, "a.service");
        var second = machine.until("a.service", state -> state.generation() == 2 && state.sub().equals("running"));
        assertThat(second.mainPid()).isNotEqualTo(first.mainPid());

        machine.restartAgent();
        assertThat(machine.state("a.service")).isEqualTo(second);

        machine.stop("a.service");
        machine.until("a.service", "inactive/dead");
        assertThat(SystemdMachine.isAlive(second.mainPid())).isFalse();
    }

    @Test
    void aUnitThatFailsSaysSoAndIsStartedAnew() throws Exception {
        var mark = machine.path("mark");
        machine.run("a.service", "[Service]\nType=oneshot\nExecStart=/bin/sh -c 'test -e " + mark + " || exit 3'\n");
        assertThat(machine.until("a.service", "failed/failed").message()).isEqualTo("exit-code 3");

        Files.createFile(mark);
        machine.start(2, "a.service");

        machine.until("a.service", state -> state.generation() == 2 && state.active().equals("inactive"));
    }

    @Test
    void aUnitThatIsUnloadedLeavesNothing() throws Exception {
        machine.run("a.service", SLEEP + "[Install]\nWantedBy=default.target\n");
        long pid = machine.until("a.service", "active/running").mainPid();
        var links = machine.settings.bus().links();
        assertThat(links.resolve("default.target.wants/a.service")).isSymbolicLink();

        machine.unload("a.service");
        machine.untilUnloaded("a.service");

        assertThat(SystemdMachine.isAlive(pid)).isFalse();
        assertThat(links.resolve("default.target.wants/a.service")).doesNotExist();
        assertThat(links.resolve("a.service")).doesNotExist();
        assertThat(SystemdMachine.property("a.service", "LoadState")).isEqualTo("not-found");
    }

    @Test
    void aUnitsJournalIsRead() throws Exception {
        var unit = "j" + UUID.randomUUID() + ".service";

        // journald finds a user's unit by the living process.
        machine.run(unit, "[Service]\nType=oneshot\nExecStart=/bin/sh -c 'echo here; sleep 1'\n");

        machine.untilWritten(unit, "here");
    }

    @Test
    void limitsHoldForWhatRuns() throws Exception {
        machine.run("a.service", SLEEP);
        var before = machine.until("a.service", "active/running");

        machine.runtime.setProperties(ImmutableSortedMap.of(
                SystemdMachine.name("a.service"), UnitProperties.of(Map.of("MemoryMax", "64M", "TasksMax", "33"))));

        await().atMost(SystemdMachine.HOPELESS)
                .until(() -> SystemdMachine.property("a.service", "MemoryMax"), "67108864"::equals);
        assertThat(SystemdMachine.property("a.service", "TasksMax")).isEqualTo("33");
        assertThat(machine.state("a.service")).isEqualTo(before);
        assertThat(machine.runtime.details(SystemdMachine.name("a.service")).orElseThrow().tasksMax()).contains(33L);
    }
}
