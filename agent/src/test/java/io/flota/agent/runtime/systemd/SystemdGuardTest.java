package io.flota.agent.runtime.systemd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.flota.agent.runtime.RuntimeUnavailableException;
import io.flota.agent.steps.Guard;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/// Guards of units under a real systemd, kept by a watchdog that is a process of its own, and by a start condition.
class SystemdGuardTest extends OnSystemd {
    private static final String EXCLUSIVE = "[X-Flota]\nExclusive=true\n";
    private static final String SLEEP = "[Service]\nExecStart=/bin/sleep 1000\n" + EXCLUSIVE;
    /// Of a guard that is not to strike within the test.
    private static final Duration LONG = Duration.ofMinutes(5);
    private static final Duration SHORT = Duration.ofSeconds(2);

    @Test
    void aUnitIsKilledWhenItsTimeIsOver() throws Exception {
        var log = machine.path("log");
        machine.load("a.service", "[Service]\nRestart=always\nRestartSec=0\nExecStart=" + machine.clock(log)
                + "ExecStop=/bin/sh -c 'touch " + machine.path("after") + "'\n" + EXCLUSIVE);
        var guard = machine.guard("a.service", SHORT);
        machine.startExclusive("a.service", 5);
        machine.until("a.service", "active/running");

        var failed = machine.until("a.service", "failed/failed");

        assertThat(failed.generation()).isZero();
        assertThat(failed.message()).contains("lease");
        assertThat(machine.runtime.guards().get(SystemdMachine.name("a.service")).struck()).isTrue();
        assertThat(SystemdMachine.lastTime(log)).isLessThan(guard.livesUntil());
        assertThat(machine.path("after")).doesNotExist();
    }

    /// As when the agent was killed, too.
    @Test
    void aUnitWhoseAgentIsGoneIsKilledAsWell() throws Exception {
        var log = machine.path("log");
        machine.load("a.service", "[Service]\nRestart=always\nRestartSec=0\nExecStart=" + machine.clock(log) + EXCLUSIVE);
        var guard = machine.guard("a.service", SHORT);
        machine.startExclusive("a.service", 5);
        machine.until("a.service", "active/running");
        machine.runtime.close();
        SystemdMachine.untilOver(guard);
        assertThat(SystemdMachine.lastTime(log)).isLessThan(guard.livesUntil());

        machine.runtime = SystemdRuntime.start(machine.settings);

        var failed = machine.until("a.service", "failed/failed");
        assertThat(failed.generation()).isZero();
        assertThat(machine.runtime.guards().get(SystemdMachine.name("a.service")).struck()).isTrue();
    }

    @Test
    void aGuardThatIsLengthenedInTimeDoesNotStrike() throws Exception {
        machine.load("a.service", SLEEP);
        var first = machine.guard("a.service", SHORT);
        machine.startExclusive("a.service", 5);
        var running = machine.until("a.service", "active/running");

        machine.guard("a.service", LONG);
        SystemdMachine.untilOver(first);

        assertThat(machine.state("a.service").mainPid()).isEqualTo(running.mainPid());
        assertThat(machine.state("a.service").active()).isEqualTo("active");
    }

    @Test
    void whatHasStruckIsNotLengthenedButStartedAnew() throws Exception {
        machine.load("a.service", "[Service]\nExecStart=/bin/sh -c 'echo epoch $FLOTA_EPOCH; sleep 1000'\n" + EXCLUSIVE);
        machine.guard("a.service", SHORT);
        machine.startExclusive("a.service", 5);
        machine.until("a.service", "failed/failed");

        machine.guard("a.service", LONG);
        assertThat(machine.state("a.service").active()).isEqualTo("failed");
        machine.startExclusive("a.service", 9);

        machine.until("a.service", "active/running");
        machine.untilWritten("a.service", "epoch 9000001");
        assertThat(machine.journal("a.service")).contains("epoch 5000001");
    }

    @Test
    void whatHasStruckIsNotStartedForAnotherUnitsSakeThoughItHasAGuardAgain() throws Exception {
        machine.load("a.service", SLEEP);
        machine.load("b.service", "[Unit]\nWants=a.service\nAfter=a.service\n[Service]\nExecStart=/bin/sleep 1000\n");
        machine.guard("a.service", SHORT);
        machine.startExclusive("a.service", 5);
        machine.until("a.service", "failed/failed");
        machine.guard("a.service", LONG);

        // The watchdog that has struck may just be making room for the next one.
        await().atMost(SystemdMachine.HOPELESS).pollInterval(Duration.ofSeconds(3)).until(() -> {
            SystemdMachine.said("systemctl", "restart", "b.service");
            return machine.state("a.service").message().contains("has no epoch");
        });

        assertThat(machine.state("a.service").active()).isEqualTo("failed");
    }

    @Test
    void epochsRiseWithEachStartAlsoThoseOfRestart() throws Exception {
        var log = machine.path("epochs");
        machine.load("a.service", "[Service]\nRestart=always\nRestartSec=0\n"
                + "ExecStart=/bin/sh -c 'echo $FLOTA_EPOCH >>" + log + "; sleep 0.05'\n"
                + "[Unit]\nStartLimitIntervalSec=0\n" + EXCLUSIVE);
        machine.guard("a.service", LONG);
        machine.startExclusive("a.service", 5);
        await().atMost(SystemdMachine.HOPELESS).until(() -> SystemdMachine.lines(log).contains("5000003"));

        machine.restartAgent();
        await().atMost(SystemdMachine.HOPELESS).until(() -> SystemdMachine.lines(log).contains("5000006"));

        assertThat(SystemdMachine.lines(log)).doesNotHaveDuplicates().isSorted().first().isEqualTo("5000001");
    }

    @Test
    void anExclusiveUnitIsNotStartedWithoutAGuardNorForAnotherUnitsSake() throws Exception {
        machine.load("a.service", SLEEP);
        machine.load("b.service", "[Unit]\nWants=a.service\n[Service]\nExecStart=/bin/sleep 1000\n");

        machine.start("b.service");
        machine.until("b.service", "active/running");
        await().during(Duration.ofMillis(300)).atMost(SystemdMachine.HOPELESS)
                .until(() -> !machine.state("a.service").active().equals("active"));
        SystemdMachine.said("systemctl", "start", "a.service");
        assertThat(machine.state("a.service").mainPid()).isZero();

        machine.startExclusive("a.service", 5);
        var refused = machine.until("a.service", "failed/failed");
        assertThat(refused.generation()).isZero();
    }

    @Test
    void aStoppedExclusiveUnitIsNotStartedForAnotherUnitsSakeThoughItsGuardStands() throws Exception {
        machine.load("a.service", SLEEP);
        machine.load("b.service", "[Unit]\nWants=a.service\nAfter=a.service\n[Service]\nExecStart=/bin/sleep 1000\n");
        machine.guard("a.service", LONG);
        machine.startExclusive("a.service", 5);
        machine.until("a.service", "active/running");
        machine.stop("a.service");
        machine.until("a.service", "inactive/dead");

        machine.start("b.service");

        machine.until("b.service", "active/running");
        assertThat(machine.until("a.service", "failed/failed").message()).contains("has no epoch");
        machine.guard("a.service", LONG);
        machine.startExclusive("a.service", 5);
        machine.until("a.service", "active/running");
    }

    @Test
    void aUnitThatStopsWhenCutOffIsNotStartedWithoutAGuard() throws Exception {
        machine.load("a.service", "[Service]\nExecStart=/bin/sleep 1000\n[X-Flota]\nOnDisconnect=stop\n");
        machine.load("b.service", "[Unit]\nWants=a.service\nAfter=a.service\n[Service]\nExecStart=/bin/sleep 1000\n");

        machine.start("b.service");

        machine.until("b.service", "active/running");
        assertThat(machine.until("a.service", "failed/failed").message()).contains("until when it may live");
        machine.start("a.service");
        assertThat(machine.until("a.service", "failed/failed").mainPid()).isZero();
    }

    @Test
    void aGuardThatCannotBeKeptIsNoGuard() throws Exception {
        machine.load("a.service", SLEEP);
        var fence = machine.settings.stateFolder().resolve("systemd/fence").toString();
        SystemdMachine.said("mount", "-t", "tmpfs", "-o", "size=4k,nr_inodes=1", "tmpfs", fence);
        try {
            assertThatThrownBy(() -> machine.guard("a.service", LONG))
                    .isInstanceOf(RuntimeUnavailableException.class)
                    .hasMessageContaining("until when units may live");
            assertThat(machine.runtime.guards()).isEmpty();
        } finally {
            SystemdMachine.said("umount", fence);
        }
    }

    @Test
    void afterStartsUntilNothingIsStartedAnyMore() throws Exception {
        machine.load("a.service", "[Service]\nRestart=always\nRestartSec=100ms\nExecStart=/bin/sleep 1000\n" + EXCLUSIVE);
        machine.guard("a.service", Duration.ofSeconds(8)); // starts within the first six
        machine.startExclusive("a.service", 5);
        var running = machine.until("a.service", "active/running");
        var startsUntil = machine.runtime.guards().get(SystemdMachine.name("a.service")).guard().startsUntil();
        await().atMost(SystemdMachine.HOPELESS).until(() -> SystemdMachine.uptime().compareTo(startsUntil) > 0);

        ProcessHandle.of(running.mainPid()).orElseThrow().destroyForcibly();

        assertThat(machine.until("a.service", "failed/failed").message()).contains("not started", "lease");
        assertThat(machine.state("a.service").generation()).isZero();
    }

    @Test
    void aUnitThatForksAwayIsKilledWhole() throws Exception {
        var child = machine.path("child");
        machine.load("a.service", "[Service]\nType=forking\nExecStart=" + machine.script(
                "setsid sh -c 'echo $$ >" + child + "; exec sleep 1000' &\nsleep 0.2\n") + "\n" + EXCLUSIVE);
        machine.guard("a.service", SHORT);
        machine.startExclusive("a.service", 5);
        machine.until("a.service", "active/running");
        long pid = Long.parseLong(SystemdMachine.lines(child).getFirst());

        machine.until("a.service", "failed/failed");

        assertThat(SystemdMachine.isAlive(pid)).isFalse();
    }

    @Test
    void aUnitIsNotStartedAgainWhileNoWatchdogIsThere() throws Exception {
        machine.load("a.service", "[Service]\nRestart=always\nRestartSec=300ms\nExecStart=/bin/sleep 1000\n" + EXCLUSIVE);
        machine.guard("a.service", LONG);
        machine.startExclusive("a.service", 5);
        long pid = machine.until("a.service", "active/running").mainPid();
        machine.runtime.close(); // and with it whoever would start another watchdog
        ProcessHandle.of(watchdog().orElseThrow()).orElseThrow().destroyForcibly();

        ProcessHandle.of(pid).orElseThrow().destroyForcibly();

        await().atMost(SystemdMachine.HOPELESS)
                .until(() -> Files.exists(machine.fence("a.service", "refused")));
        machine.runtime = SystemdRuntime.start(machine.settings);
        assertThat(machine.until("a.service", "failed/failed").message()).contains("watchdog");
    }

    @Test
    void whatCannotBeEndedInTimeIsNotLoaded() throws Exception {
        machine.load("a.timer", "[Timer]\nOnActiveSec=1\n" + EXCLUSIVE);
        machine.load("b.service", "[Service]\nPAMName=login\nExecStart=/bin/true\n" + EXCLUSIVE);
        machine.load("c.service", "[Service]\nExecStart=/bin/true\nExecStopPost=/bin/true\n" + EXCLUSIVE);
        machine.load("d.timer", "[Timer]\nOnActiveSec=1\n[X-Flota]\nOnDisconnect=stop\n");
        machine.load("e.target", "[X-Flota]\nOnDisconnect=stop\n");

        assertThat(machine.state("a.timer").load()).isEqualTo("error");
        assertThat(machine.state("a.timer").message()).contains("Exclusive=true is for services");
        assertThat(machine.state("b.service").message()).contains("PAMName=");
        assertThat(machine.state("c.service").message()).contains("ExecStopPost=");
        assertThat(machine.state("d.timer").message()).contains("OnDisconnect=stop is for services");
        assertThat(machine.state("e.target").load()).isEqualTo("error");
    }

    @Test
    void aUnitThatMayLiveForAWhileWithoutTheLeaseNeedsNoEpoch() throws Exception {
        machine.load("a.service", "[Service]\nExecStart=/bin/sleep 1000\n[X-Flota]\nOnDisconnect=stop\n");
        var until = SystemdMachine.uptime().plusSeconds(6);
        machine.runtime.guard(List.of(
                new Guard(SystemdMachine.name("a.service"), false, Duration.ZERO, until.minusMillis(500), until)));
        machine.start("a.service");
        machine.until("a.service", "active/running");

        assertThat(machine.until("a.service", "failed/failed").generation()).isZero();
    }

    @Test
    void aUnitThatIsNotExclusiveAnyMoreIsNotKilled() throws Exception {
        machine.load("a.service", SLEEP);
        machine.load("b.service", SLEEP);
        machine.guard("a.service", Duration.ofSeconds(4));
        var last = machine.guard("b.service", Duration.ofSeconds(4));
        machine.startExclusive("a.service", 5);
        machine.startExclusive("b.service", 5);
        machine.until("a.service", "active/running");
        long before = machine.until("b.service", "active/running").mainPid();
        machine.stop("a.service");
        machine.until("a.service", "inactive/dead");

        machine.load("a.service", "[Service]\nExecStart=/bin/sleep 2000\n");
        machine.load("b.service", "[Service]\nExecStart=/bin/sleep 2000\n");
        machine.start(2, "a.service", "b.service");
        var stopped = machine.until("a.service", "active/running");
        var restarted = machine.until("b.service", state -> state.sub().equals("running") && state.mainPid() != before);
        await().atMost(SystemdMachine.HOPELESS).until(() -> machine.runtime.guards().isEmpty());
        machine.restartAgent();

        SystemdMachine.untilOver(last);
        assertThat(machine.state("a.service").mainPid()).isEqualTo(stopped.mainPid());
        assertThat(machine.state("b.service").mainPid()).isEqualTo(restarted.mainPid());
        assertThat(machine.state("b.service").active()).isEqualTo("active");
    }

    /// What runs is still the exclusive unit until it is started anew.
    @Test
    void aUnitWhoseNewFileIsNotExclusiveIsStillKilledInTime() throws Exception {
        machine.load("a.service", SLEEP);
        machine.guard("a.service", SHORT);
        machine.startExclusive("a.service", 5);
        long pid = machine.until("a.service", "active/running").mainPid();

        machine.load("a.service", "[Service]\nExecStart=/bin/sleep 2000\n");
        machine.restartAgent();

        machine.until("a.service", "failed/failed");
        assertThat(SystemdMachine.isAlive(pid)).isFalse();
    }

    private Optional<Long> watchdog() throws IOException {
        return SystemdMachine.lines(machine.settings.stateFolder().resolve("systemd/fence/watchdog")).stream()
                .map(Long::parseLong)
                .findFirst();
    
    }
}
