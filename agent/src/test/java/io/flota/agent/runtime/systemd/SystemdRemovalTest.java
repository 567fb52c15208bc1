package io.flota.agent.runtime.systemd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.flota.agent.runtime.RuntimeUnavailableException;
import io.flota.agent.steps.Guard;
import java.nio.file.Files;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/// Guards and epochs outlive the removal of the state folder.
class SystemdRemovalTest extends OnSystemd {
    private static final String EXCLUSIVE = "[X-Flota]\nExclusive=true\n";
    /// Of a guard that is not to strike within the test.
    private static final Duration LONG = Duration.ofMinutes(5);

    @Test
    void aUnitWhoseStateFolderWasRemovedIsKilledInTimeThoughItsAgentIsGoneAtOnce() throws Exception {
        var log = machine.path("log");
        machine.load("a.service", "[Service]\nRestart=always\nRestartSec=0\nExecStart=" + machine.clock(log) + EXCLUSIVE);
        var guard = machine.guard("a.service", Duration.ofSeconds(4));
        machine.startExclusive("a.service", 5);
        long pid = machine.until("a.service", "active/running").mainPid();

        SystemdMachine.said("rm", "-rf", machine.settings.stateFolder().toString());
        machine.runtime.close();

        assertThat(SystemdMachine.isAlive(pid)).isTrue();
        SystemdMachine.untilOver(guard);
        assertThat(SystemdMachine.lastTime(log)).isLessThan(guard.livesUntil());
        assertThat(SystemdMachine.isAlive(pid)).isFalse();
    }

    /// As when the agent was killed, too, once it has seen to it.
    @Test
    void aUnitWhoseStateFolderWasRemovedIsKilledInTimeThoughItsAgentIsGone() throws Exception {
        var log = machine.path("log");
        machine.load("a.service", "[Service]\nRestart=always\nRestartSec=0\nExecStart=" + machine.clock(log) + EXCLUSIVE);
        var guard = machine.guard("a.service", Duration.ofSeconds(10));
        machine.startExclusive("a.service", 5);
        long pid = machine.until("a.service", "active/running").mainPid();

        SystemdMachine.said("rm", "-rf", machine.settings.stateFolder().toString());
        machine.runtime.look();
        await().atMost(SystemdMachine.HOPELESS).until(() -> Files.exists(machine.fence("a.service", "group")));
        assertThat(SystemdMachine.isAlive(pid)).isTrue();
        machine.runtime.close();

        SystemdMachine.untilOver(guard);
        assertThat(SystemdMachine.lastTime(log)).isLessThan(guard.livesUntil());
        assertThat(SystemdMachine.isAlive(pid)).isFalse();
    }

    @Test
    void aGuardThatIsSetAfterTheStateFolderWasRemovedIsKept() throws Exception {
        var log = machine.path("log");
        machine.load("a.service", "[Service]\nRestart=always\nRestartSec=0\nExecStart=" + machine.clock(log) + EXCLUSIVE);
        machine.guard("a.service", LONG);
        machine.startExclusive("a.service", 5);
        long pid = machine.until("a.service", "active/running").mainPid();

        SystemdMachine.said("rm", "-rf", machine.settings.stateFolder().toString());
        var guard = guardOnceItStands("a.service", Duration.ofSeconds(2));
        machine.runtime.close();

        SystemdMachine.untilOver(guard);
        assertThat(SystemdMachine.lastTime(log)).isLessThan(guard.livesUntil());
        assertThat(SystemdMachine.isAlive(pid)).isFalse();
    }

    @Test
    void epochsNeverFallThoughTheStateFolderIsRemoved() throws Exception {
        var log = machine.path("epochs");
        machine.load("a.service", "[Service]\nRestart=always\nRestartSec=0\n"
                + "ExecStart=/bin/sh -c 'echo $FLOTA_EPOCH >>" + log + "; sleep 0.05'\n"
                + "[Unit]\nStartLimitIntervalSec=0\n" + EXCLUSIVE);
        machine.guard("a.service", LONG);
        machine.startExclusive("a.service", 5);
        await().atMost(SystemdMachine.HOPELESS).until(() -> SystemdMachine.lines(log).contains("5000003"));

        SystemdMachine.said("rm", "-rf", machine.settings.stateFolder().toString());
        int before = SystemdMachine.lines(log).size();
        // As there is no condition that it could be asked by; but the agent may be quicker to put that back.
        await().atMost(SystemdMachine.HOPELESS)
                .until(() -> machine.state("a.service").isDown() || SystemdMachine.lines(log).size() > before + 20);
        if (machine.state("a.service").isDown()) {
            guardOnceItStands("a.service", LONG);
            machine.startExclusive("a.service", 5);
        }
        await().atMost(SystemdMachine.HOPELESS).until(() -> SystemdMachine.lines(log).size() > before + 2);

        // The one whose start met the removal just between its condition and its program has none.
        var epochs = SystemdMachine.lines(log).stream().filter(epoch -> !epoch.isEmpty()).toList();
        assertThat(SystemdMachine.lines(log).size() - epochs.size()).isLessThanOrEqualTo(1);
        assertThat(epochs).doesNotHaveDuplicates().isSorted().allMatch(epoch -> epoch.matches("5\\d{6}"));
    }

    @Test
    void anExclusiveUnitOfWhichNothingIsKnownIsKilled() throws Exception {
        machine.load("a.service", "[Service]\nTimeoutStopSec=infinity\nExecStart=" + machine.script(
                "trap '' TERM\nwhile :; do sleep 0.05; done\n") + "\n" + EXCLUSIVE);
        machine.guard("a.service", LONG);
        machine.startExclusive("a.service", 5);
        long pid = machine.until("a.service", "active/running").mainPid();
        machine.runtime.close();
        SystemdMachine.said("rm", "-rf", machine.settings.stateFolder().toString());

        machine.runtime = SystemdRuntime.start(machine.settings);

        machine.until("a.service", state -> state.isDown());
        assertThat(SystemdMachine.isAlive(pid)).isFalse();
    }

    /// The agent, too, asks again until it stands.
    private Guard guardOnceItStands(String name, Duration life) {
        return await().atMost(SystemdMachine.HOPELESS)
                .ignoreExceptionsInstanceOf(RuntimeUnavailableException.class)
                .until(() -> machine.guard(name, life), _ -> true);
    
    }
}
