package io.flota.agent.runtime.exec;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RestartingTest extends MachineTest {
    @Test
    void aCrashLoopEndsAtTheStartLimit() throws Exception {
        units.run("a.service", """
                [Unit]
                StartLimitIntervalSec=30s
                StartLimitBurst=3
                [Service]
                Restart=always
                RestartSec=10ms
                ExecStart=/bin/sh -c 'echo attempt; exit 1'
                """);

        var failed = units.until("a.service", "failed/failed");

        assertThat(failed.restarts()).isEqualTo(3);
        assertThat(failed.message()).isEqualTo("started 3 times within 30 s, not started again (StartLimitBurst=3)");
        assertThat(units.journal("a.service")).filteredOn("attempt"::equals).hasSize(3);
    }

    @Test
    void aStartByRequestIsNotHeldBackByTheLimit() throws Exception {
        units.load("a.service", """
                [Service]
                StartLimitBurst=1
                Restart=always
                RestartSec=1ms
                ExecStart=/bin/false
                """);
        units.start("a.service");
        units.until("a.service", "failed/failed");

        units.start(2, "a.service");

        units.until("a.service", state -> state.sub().equals("failed") && state.generation() == 2);
        assertThat(units.journal("a.service")).filteredOn("Started a.service"::equals).hasSize(2);
    }

    @Test
    void unitsThatStartEachOtherWhenTheyFailEndAtTheStartLimitToo() throws Exception {
        var text = "[Unit]\nStartLimitIntervalSec=10min\nStartLimitBurst=3\nOnFailure=%s\n"
                + "[Service]\nExecStart=/bin/sh -c 'echo attempt; exit 1'\n";
        units.load("a.service", text.formatted("b.service"));
        units.load("b.service", text.formatted("a.service"));

        units.start("a.service");

        units.until("a.service", state -> state.message().startsWith("started 3 times within"));
        units.until("b.service", "failed/failed");
        assertThat(units.journal("a.service")).filteredOn("attempt"::equals).hasSize(3);
        assertThat(units.journal("b.service")).filteredOn("attempt"::equals).hasSize(3);
    }

    @ParameterizedTest(name = "Restart={0} after \"{1}\": {2}")
    @CsvSource(textBlock = """
            no, exit 1, failed
            on-success, exit 0, auto-restart
            on-success, exit 1, failed
            on-failure, exit 1, auto-restart
            on-failure, exit 0, dead
            on-failure, kill -9 $$, auto-restart
            on-failure, kill -15 $$, dead
            on-abnormal, exit 1, failed
            on-abnormal, kill -9 $$, auto-restart
            on-abort, kill -9 $$, auto-restart
            on-abort, exit 1, failed
            on-watchdog, kill -9 $$, failed
            always, exit 0, auto-restart
            always, exit 143, auto-restart
            """)
    void eachRuleHasItsOwnIdeaOfAFailure(String rule, String end, String sub) throws Exception {
        units.run("a.service", """
                [Service]
                Restart=%s
                RestartSec=1h
                ExecStart=%s
                """.formatted(rule, units.script("echo ran\n" + end + "\n")));
        units.untilWritten("a.service", "ran");

        units.until("a.service", state -> state.sub().equals(sub));
    }

    @Test
    void someExitStatusesCountAsSuccessOrPreventARestart() throws Exception {
        units.run("a.service", "[Service]\nSuccessExitStatus=42 TEMPFAIL\nExecStart=/bin/sh -c 'exit 75'\n");
        units.run("b.service", "[Service]\nRestart=always\nRestartPreventExitStatus=3\nExecStart=/bin/sh -c 'exit 3'\n");
        units.run("c.service", "[Service]\nExecStart=/bin/sh -c 'exit 143'\n");

        units.untilWritten("a.service", "Deactivated successfully.");
        units.until("a.service", "inactive/dead");
        units.until("b.service", "failed/failed");
        assertThat(units.until("c.service", "failed/failed").message()).isEqualTo("exit-code 143");
    }

    @Test
    void aStopEndsTheWaitForARestart() throws Exception {
        units.run("a.service", "[Service]\nRestart=always\nRestartSec=1h\nExecStart=/bin/false\n");
        units.until("a.service", "activating/auto-restart");

        units.stop("a.service");

        units.until("a.service", "inactive/dead");
    }

    @Test
    void anotherGenerationRestartsTheUnitOnce() throws Exception {
        units.run("a.service", "[Service]\nExecStart=/bin/sleep 1000\n");
        long first = units.until("a.service", "active/running").mainPid();

        units.start(1, "a.service");
        assertThat(units.state("a.service").mainPid()).isEqualTo(first);
        units.start(2, "a.service");

        var second = units.until("a.service", state -> state.sub().equals("running") && state.mainPid() != first);
        assertThat(second.generation()).isEqualTo(2);
        assertThat(Units.isAlive(first)).isFalse();
    }

    @Test
    void aNewFileCountsFromTheNextStart() throws Exception {
        var out = units.path("out");
        units.run("a.service", "[Service]\nExecStart=/bin/sleep 1000\nExecStop=/bin/sh -c 'echo old >>%s'\n".formatted(out));
        units.until("a.service", "active/running");

        units.load("a.service", "[Service]\nExecStart=/bin/sleep 2000\nExecStop=/bin/sh -c 'echo new >>%s'\n".formatted(out));
        units.restartAgent();
        units.start(2, "a.service");

        units.until("a.service", state -> state.sub().equals("running") && state.generation() == 2);
        units.until("a.service", state -> !Units.isAlive(state.mainPid()) || state.sub().equals("running"));
        assertThat(Units.lines(out)).containsExactly("old");
        units.stop("a.service");
        units.until("a.service", "inactive/dead");
        assertThat(Units.lines(out)).containsExactly("old", "new");
    }
}
