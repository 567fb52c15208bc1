package io.flota.agent.runtime.exec;

import static org.assertj.core.api.Assertions.assertThat;

import io.flota.agent.runtime.process.ProcFs;
import java.nio.file.Files;
import org.junit.jupiter.api.Test;

class ServiceTypesTest extends MachineTest {
    @Test
    void aOneshotRunsItsCommandsInOrderAndIsDeadAfterwards() throws Exception {
        var out = units.path("out");
        units.run("a.service", """
                [Service]
                Type=oneshot
                ExecStart=/bin/sh -c 'echo one >>%1$s'
                ExecStart=/bin/sh -c 'echo two >>%1$s' ; /bin/sh -c 'echo three >>%1$s'
                """.formatted(out));

        units.until("a.service", state -> state.sub().equals("dead") && state.generation() == 1);

        assertThat(Units.lines(out)).containsExactly("one", "two", "three");
    }

    @Test
    void aOneshotThatRemainsIsActiveUntilItIsStopped() throws Exception {
        var out = units.path("out");
        units.run("a.service", """
                [Service]
                Type=oneshot
                RemainAfterExit=yes
                ExecStart=/bin/true
                ExecStop=/bin/sh -c 'echo stopped >%s'
                """.formatted(out));
        units.until("a.service", "active/exited");

        units.stop("a.service");

        units.until("a.service", "inactive/dead");
        assertThat(Units.lines(out)).containsExactly("stopped");
    }

    @Test
    void aFailingCommandOfAOneshotEndsIt() throws Exception {
        var out = units.path("out");
        units.run("a.service", """
                [Service]
                Type=oneshot
                ExecStart=-/bin/sh -c 'exit 7'
                ExecStart=/bin/sh -c 'exit 8'
                ExecStart=/bin/sh -c 'echo never >%s'
                """.formatted(out));

        var failed = units.until("a.service", "failed/failed");

        assertThat(failed.message()).isEqualTo("exit-code 8");
        assertThat(out).doesNotExist();
    }

    @Test
    void aForkingServiceIsUpWithTheDaemonThatItsPidFileNames() throws Exception {
        var pidFile = units.path("daemon.pid");
        var starter = units.script("setsid sh -c 'sleep 0.1; echo $$ >%s; exec sleep 1000' >/dev/null 2>&1 &\n"
                .formatted(pidFile));
        units.run("a.service", """
                [Service]
                Type=forking
                PIDFile=%s
                ExecStart=%s
                """.formatted(pidFile, starter));

        var running = units.until("a.service", "active/running");

        assertThat(running.mainPid()).isEqualTo(Long.parseLong(Units.lines(pidFile).getFirst()));
    }

    @Test
    void aForkingServiceWithoutPidFileIsUpWithTheDaemonThatItLeft() throws Exception {
        units.run("a.service", "[Service]\nType=forking\nExecStart=" + units.script("sleep 1000 &\n") + "\n");

        var running = units.until("a.service", "active/running");

        units.until("a.service", _ -> ProcFs.name(running.mainPid()).filter("sleep"::equals).isPresent());
    }

    @Test
    void theEndOfAForkedDaemonIsSeen() throws Exception {
        units.run("a.service", """
                [Service]
                Type=forking
                Restart=always
                RestartSec=0
                ExecStart=%s
                """.formatted(units.script("sleep 1000 &\n")));
        var running = units.until("a.service", "active/running");

        ProcessHandle.of(running.mainPid()).orElseThrow().destroyForcibly();

        var again = units.until("a.service", state -> state.restarts() == 1 && state.sub().equals("running"));
        assertThat(again.mainPid()).isNotEqualTo(running.mainPid());
    }

    @Test
    void aServiceThatNotifiesIsUpOnceItSaysSo() throws Exception {
        var go = units.path("go");
        units.run("a.service", """
                [Service]
                Type=notify
                NotifyAccess=all
                ExecStart=%s
                """.formatted(units.script("""
                        while [ ! -e %s ]; do sleep 0.02; done
                        systemd-notify --ready --status='all is well'
                        exec sleep 1000
                        """.formatted(go))));
        var starting = units.until("a.service", state -> state.mainPid() != 0);
        assertThat(starting.active() + "/" + starting.sub()).isEqualTo("activating/start");

        Files.createFile(go);

        var running = units.until("a.service", state ->
                state.sub().equals("running") && state.message().equals("all is well"));
        assertThat(running.mainPid()).isEqualTo(starting.mainPid());
    }

    @Test
    void aServiceThatEndsBeforeItNotifiesHasFailed() throws Exception {
        units.run("a.service", "[Service]\nType=notify\nExecStart=/bin/true\n");

        assertThat(units.until("a.service", "failed/failed").message())
                .isEqualTo("the main process ended before it said READY=1");
    }

    @Test
    void aProgramThatIsNotThereIsNamed() throws Exception {
        units.run("a.service", "[Service]\nExecStart=/usr/sbin/not-there --flag\n");

        assertThat(units.until("a.service", "failed/failed").message())
                .isEqualTo("/usr/sbin/not-there: no such file");
        units.untilWritten("a.service", "Main process exited, code=exited, status=203/EXEC");
    }

    @Test
    void aTargetIsActiveOnceWhatItWantsIs() throws Exception {
        units.load("a.service", "[Service]\nExecStart=/bin/sleep 1000\n");
        units.run("all.target", "[Unit]\nWants=a.service\n");

        units.until("all.target", "active/active");

        assertThat(units.state("a.service").sub()).isEqualTo("running");
        assertThat(units.state("a.service").generation()).isZero();
    }

    @Test
    void otherTypesOfUnitsNeedSystemd() throws Exception {
        units.load("a.timer", "[Timer]\nOnCalendar=daily\n");

        var state = units.state("a.timer");

        assertThat(state.load()).isEqualTo("error");
        assertThat(state.message()).isEqualTo("the exec runtime runs services and targets; a.timer needs systemd");
    }

    @Test
    void whatIsNotHonouredIsNamedOnce() throws Exception {
        units.run("a.service", """
                [Unit]
                Description=x
                [Service]
                ExecStart=/bin/sleep 1000
                PrivateTmp=yes
                ProtectSystem=full
                PrivateTmp=no
                [Install]
                WantedBy=multi-user.target
                [X-Fleet]
                Global=true
                """);

        assertThat(units.until("a.service", "active/running").message())
                .isEqualTo("not honoured: PrivateTmp=, ProtectSystem=");
    }

    @Test
    void badValuesAreToldWithTheirLines() throws Exception {
        units.load("a.service", "[Service]\nExecStart=/bin/true\nRestart=sometimes\nUMask=999\n");

        var state = units.state("a.service");

        assertThat(state.load()).isEqualTo("bad-setting");
        assertThat(state.message()).contains("a.service:3: Restart=sometimes:").contains("a.service:4: UMask=999:");
    }
}
