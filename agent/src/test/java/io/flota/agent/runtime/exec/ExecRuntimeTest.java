package io.flota.agent.runtime.exec;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ExecRuntimeTest extends MachineTest {
    @Test
    void whatIsNotHeldHereIsNamedAndWhatIsNoNumberIsSaidSo() throws Exception {
        units.load("a.service", """
                [Service]
                MemoryMax=50%
                TasksMax=80%
                NotifyAccess=main
                ExecStart=/bin/sleep 1000
                """);
        units.load("b.service", "[Unit]\nStartLimitBurst=abc\n[Service]\nNice=x\nExecStart=/bin/sleep 1000\n");

        assertThat(units.state("a.service").message()).isEqualTo(
                "not honoured: NotifyAccess=main, MemoryMax=50%, TasksMax=80%");
        assertThat(units.state("a.service").load()).isEqualTo("loaded");
        assertThat(units.state("b.service").load()).isEqualTo("bad-setting");
        assertThat(units.state("b.service").message())
                .contains("b.service:2: StartLimitBurst=abc: is not a whole number from 0 to 2147483647.")
                .contains("b.service:4: Nice=x: is not a whole number from -20 to 19.");
    }

    @Test
    void aSimpleUnitRunsAndStops() throws Exception {
        units.run("a.service", "[Service]\nExecStart=/bin/sleep 1000\n");
        var running = units.until("a.service", "active/running");
        assertThat(Units.isAlive(running.mainPid())).isTrue();
        assertThat(running.generation()).isEqualTo(1);

        units.stop("a.service");

        var stopped = units.until("a.service", "inactive/dead");
        assertThat(Units.isAlive(running.mainPid())).isFalse();
        assertThat(stopped.generation()).isZero();
        assertThat(stopped.message()).isEmpty();
    }

    @Test
    void aDoubleForkedDaemonOfAnotherSessionIsStoppedToo() throws Exception {
        var pidFile = units.path("daemon.pid");
        var daemonic = units.script("""
                setsid sh -c 'sh -c "echo \\$\\$ >%s; exec sleep 1000" & exit 0' &
                sleep 1000
                """.formatted(pidFile));
        units.run("a.service", "[Service]\nExecStart=" + daemonic + "\n");
        units.until("a.service", "active/running");
        long daemon = Long.parseLong(units.untilLine(pidFile));
        assertThat(Units.isAlive(daemon)).isTrue();

        units.stop("a.service");

        units.until("a.service", "inactive/dead");
        assertThat(Units.isAlive(daemon)).isFalse();
    }

    @Test
    void unitsOutliveTheirAgentAndAreAdopted() throws Exception {
        units.run("a.service", "[Service]\nExecStart=/bin/sh -c 'while :; do echo tick; sleep 0.05; done'\n");
        var before = units.until("a.service", "active/running");
        units.untilWritten("a.service", "tick");

        units.restartAgent();

        var after = units.until("a.service", "active/running");
        assertThat(after.mainPid()).isEqualTo(before.mainPid());
        assertThat(after.generation()).isEqualTo(1);
        assertThat(after.since()).isEqualTo(before.since());
        assertThat(units.journal("a.service")).contains("Started a.service", "tick");
    }

    @Test
    void aFailureIsNamedWithItsExitStatus() throws Exception {
        units.run("a.service", "[Service]\nExecStart=/bin/sh -c 'echo oops >&2; exit 3'\n");

        var failed = units.until("a.service", "failed/failed");

        assertThat(failed.message()).isEqualTo("exit-code 3");
        units.untilWritten("a.service", "Failed with result 'exit-code'.");
        assertThat(units.journal("a.service"))
                .contains("oops", "Main process exited, code=exited, status=3/NOTIMPLEMENTED");
    }
}
