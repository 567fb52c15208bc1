package io.flota.agent.runtime.exec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.flota.agent.runtime.process.ProcFs;
import java.nio.file.Files;
import org.junit.jupiter.api.Test;

class StoppingTest extends MachineTest {
    @Test
    void whatIgnoresTheSignalIsKilledWhenItsTimeIsUp() throws Exception {
        units.run("a.service", """
                [Service]
                TimeoutStopSec=200ms
                ExecStart=%s
                """.formatted(units.script("trap '' TERM\necho armed\nwhile :; do sleep 0.05; done\n")));
        units.untilWritten("a.service", "armed");
        long main = units.state("a.service").mainPid();

        units.stop("a.service");

        var failed = units.until("a.service", "failed/failed");
        assertThat(failed.message()).isEqualTo("stop timed out after 200 ms");
        assertThat(Units.isAlive(main)).isFalse();
    }

    @Test
    void aStartThatTakesTooLongHasFailed() throws Exception {
        units.run("a.service", "[Service]\nTimeoutStartSec=100ms\nExecStartPre=/bin/sleep 1000\nExecStart=/bin/true\n");

        assertThat(units.until("a.service", "failed/failed").message()).isEqualTo("start timed out after 100 ms");
    }

    @Test
    void theSignalOfTheUnitIsUsed() throws Exception {
        units.run("a.service", """
                [Service]
                KillSignal=SIGUSR1
                ExecStart=%s
                """.formatted(units.script(
                        "trap 'echo got it; exit 0' USR1\necho armed\nwhile :; do sleep 0.05; done\n")));
        units.untilWritten("a.service", "armed");

        units.stop("a.service");

        units.until("a.service", "inactive/dead");
        assertThat(units.journal("a.service")).contains("got it");
    }

    @Test
    void mixedModeAsksTheMainProcessAndKillsTheRest() throws Exception {
        var child = units.path("child");
        units.run("a.service", """
                [Service]
                KillMode=mixed
                ExecStart=%s
                """.formatted(units.script("""
                        sh -c 'trap "echo child was asked" TERM; echo $$ >%s; while :; do sleep 0.05; done' &
                        trap 'echo main was asked; exit 0' TERM
                        while :; do sleep 0.05; done
                        """.formatted(child))));
        long pid = Long.parseLong(units.untilLine(child));

        units.stop("a.service");

        units.until("a.service", "inactive/dead");
        assertThat(Units.isAlive(pid)).isFalse();
        assertThat(units.journal("a.service")).contains("main was asked").doesNotContain("child was asked");
    }

    @Test
    void processModeLeavesTheRestAlone() throws Exception {
        var child = units.path("child");
        units.run("a.service", """
                [Service]
                KillMode=process
                ExecStart=%s
                """.formatted(units.script("sh -c 'echo $$ >%s; exec sleep 1000' &\nwait\n".formatted(child))));
        long pid = Long.parseLong(units.untilLine(child));

        units.stop("a.service");

        units.until("a.service", "inactive/dead");
        assertThat(Units.isAlive(pid)).isTrue();
    }

    @Test
    void aStoppedProcessIsWokenToSeeItsSignal() throws Exception {
        units.run("a.service", "[Service]\nExecStart=/bin/sleep 1000\n");
        var running = units.until("a.service", "active/running");
        units.until("a.service", _ -> ProcFs.name(running.mainPid()).filter("sleep"::equals).isPresent());
        new ProcessBuilder("kill", "-STOP", Long.toString(running.mainPid())).start().waitFor();
        units.until("a.service", _ -> ProcFs.stat(running.mainPid()).orElseThrow().state() == 'T');

        units.stop("a.service");

        units.until("a.service", "inactive/dead");
    }

    @Test
    void whatEndsByItselfLeavesNothingBehind() throws Exception {
        var child = units.path("child");
        units.run("a.service", "[Service]\nExecStart=" + units.script("""
                setsid sh -c 'echo $$ >%s; exec sleep 1000' &
                while [ ! -s %1$s ]; do sleep 0.02; done
                exit 3
                """.formatted(child)) + "\n");

        units.until("a.service", "failed/failed");

        assertThat(Units.isAlive(Long.parseLong(Units.lines(child).getFirst()))).isFalse();
    }

    @Test
    void aStopRightAfterTheStartLeavesNothingBehind() throws Exception {
        var pids = units.path("pids");
        units.load("a.service", "[Service]\nExecStart=/bin/sh -c 'echo $$$$ >>%s; exec sleep 1000'\n".formatted(pids));
        for (int generation = 1; generation <= 10; generation++) {
            units.start(generation, "a.service");
            units.stop("a.service");
        }

        units.until("a.service", state -> state.isDown());

        assertThat(Units.lines(pids)).noneMatch(pid -> Units.isAlive(Long.parseLong(pid)));
    }

    @Test
    void aUnitThatIsLoadedAgainUnderItsNameHearsNothingOfTheOldOne() throws Exception {
        for (int i = 0; i < 20; i++) {
            units.run("a.service", "[Service]\nExecStart=/bin/sleep 1000\n");
            units.until("a.service", "active/running");
            units.unload("a.service");
            await().atMost(Units.HOPELESS).until(() -> units.runtime.observe().isEmpty());
        }
        units.run("a.service", "[Service]\nExecStart=/bin/sleep 1000\n");

        var running = units.until("a.service", "active/running");

        units.untilWritten("a.service", "Started a.service");
        assertThat(units.state("a.service").mainPid()).isEqualTo(running.mainPid());
        assertThat(Units.isAlive(running.mainPid())).isTrue();
    }

    @Test
    void anUnloadedUnitIsStoppedAndForgotten() throws Exception {
        units.run("a.service", "[Service]\nExecStart=/bin/sleep 1000\n");
        long main = units.until("a.service", "active/running").mainPid();

        units.unload("a.service");

        await().atMost(Units.HOPELESS).until(() -> units.runtime.observe().isEmpty());
        assertThat(Units.isAlive(main)).isFalse();
        await()
                .atMost(Units.HOPELESS)
                .until(() -> !Files.exists(units.path("state/exec/units/a.service")));
    }
}
