package io.flota.agent.runtime.exec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.flota.agent.runtime.process.ProcFs;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// An agent in a process of its own is killed with SIGKILL, and what happens then is seen by the next one.
class AdoptionTest extends MachineTest {
    private Process agent;
    private BufferedReader said;

    @AfterEach
    void noAgentIsLeft() throws Exception {
        if (agent != null) {
            agent.destroyForcibly().waitFor();
        }
    }

    @Test
    void unitsOfAKilledAgentRunOnWithTheSamePid() throws Exception {
        units.load("a.service", "[Service]\nExecStart=/bin/sh -c 'while :; do echo tick; sleep 0.02; done'\n");
        units.load("f.service", "[Service]\nType=forking\nExecStart=" + units.script("sleep 1000 &\n") + "\n");
        agentProcess();
        tell("start a.service");
        tell("start f.service");
        await().atMost(Units.HOPELESS).until(() -> record("a.service").contains("phase=RUNNING"));
        await().atMost(Units.HOPELESS).until(() -> record("f.service").contains("phase=RUNNING"));

        kill();

        units.runtime = ExecRuntime.start(units.settings);
        var running = units.until("a.service", "active/running");
        assertThat(Units.isAlive(running.mainPid())).isTrue();
        assertThat(running.generation()).isEqualTo(1);
        assertThat(running.restarts()).isZero();
        assertThat(units.until("f.service", "active/running").mainPid()).isPositive();
        units.stop("a.service", "f.service");
        units.until("a.service", "inactive/dead");
        units.until("f.service", "inactive/dead");
        assertThat(Units.isAlive(running.mainPid())).isFalse();
    }

    @Test
    void theExitStatusOfAUnitThatEndedMeanwhileIsKnown() throws Exception {
        units.load("a.service", "[Service]\nExecStart=" + untilGo("exit 3"));
        units.load("b.service", "[Service]\nRestart=on-failure\nRestartSec=0\nExecStart=" + untilGo("exit 3"));
        agentProcess();
        tell("start a.service");
        tell("start b.service");
        await().atMost(Units.HOPELESS).until(() -> record("b.service").contains("phase=RUNNING"));
        await().atMost(Units.HOPELESS).until(() -> record("a.service").contains("phase=RUNNING"));
        kill();
        Files.createFile(units.path("go"));
        await().atMost(Units.HOPELESS).until(() -> exitFiles() == 2);
        Files.delete(units.path("go"));

        units.runtime = ExecRuntime.start(units.settings);

        assertThat(units.until("a.service", "failed/failed").message()).isEqualTo("exit-code 3");
        assertThat(units.until("b.service", "active/running").restarts()).isEqualTo(1);
    }

    @Test
    void aStopThatWasUnderWayIsCarriedThrough() throws Exception {
        units.load("a.service", "[Service]\nTimeoutStopSec=1s\nExecStart="
                + units.script("trap '' TERM\necho armed\nwhile :; do sleep 0.05; done\n") + "\n");
        agentProcess();
        tell("start a.service");
        await().atMost(Units.HOPELESS).until(() -> Files.exists(units.path("state/exec/out/a.service"))
                && Files.size(units.path("state/exec/out/a.service")) > 0);
        tell("stop a.service");
        await().atMost(Units.HOPELESS).until(() -> record("a.service").contains("phase=STOP_SIGTERM"));
        kill();

        units.runtime = ExecRuntime.start(units.settings);

        assertThat(units.until("a.service", "failed/failed").message()).isEqualTo("stop timed out after 1 s");
    }

    @Test
    void aRestartThatWasWaitedForComes() throws Exception {
        units.load("a.service", "[Service]\nRestart=always\nRestartSec=1s\nExecStart="
                + units.script("[ -e %1$s ] && exec sleep 1000\ntouch %1$s\n".formatted(units.path("ran"))) + "\n");
        agentProcess();
        tell("start a.service");
        await().atMost(Units.HOPELESS).until(() -> record("a.service").contains("phase=AUTO_RESTART"));
        kill();

        units.runtime = ExecRuntime.start(units.settings);

        assertThat(units.until("a.service", "active/running").restarts()).isEqualTo(1);
    }

    /// Kills the agent at many moments of a start; whatever it had done by then, the unit runs once in the end.
    @Test
    void anAgentThatIsKilledWhileItStartsUnitsLeavesEachOfThemRunningOnce() throws Exception {
        var pids = units.path("pids");
        for (int i = 0; i < 20; i++) {
            units.load("s@" + i + ".service", """
                    [Service]
                    ExecStartPre=/bin/sleep 0.%02d
                    ExecStart=/bin/sh -c 'echo $$$$ >>%s.%%i; exec sleep 1000'
                    """.formatted(i, pids));
        }
        agentProcess();
        for (int i = 0; i < 20; i++) {
            tell("start s@" + i + ".service");
        }
        await().atMost(Units.HOPELESS).until(() -> record("s@0.service").contains("phase=RUNNING"));
        kill();

        units.runtime = ExecRuntime.start(units.settings);

        for (int i = 0; i < 20; i++) {
            var name = "s@" + i + ".service";
            if (units.state(name).generation() == 0) {
                units.start(name); // the agent was killed before it had taken this in
            }
            var running = units.until(name, "active/running");
            units.untilLine(Path.of(pids + "." + i));
            assertThat(Units.lines(Path.of(pids + "." + i)).stream().filter(pid -> Units.isAlive(Long.parseLong(pid))))
                    .containsExactly(Long.toString(running.mainPid()));
        }
    }

    @Test
    void aProcessThatLostItsShimIsStillWatched() throws Exception {
        units.run("a.service", "[Service]\nExecStart=/bin/sleep 1000\n");
        long main = units.until("a.service", "active/running").mainPid();
        long shim = ProcFs.stat(main).orElseThrow().parent();

        ProcessHandle.of(shim).orElseThrow().destroyForcibly();
        await().atMost(Units.HOPELESS).until(() -> !Units.isAlive(shim));
        assertThat(units.state("a.service").sub()).isEqualTo("running");
        ProcessHandle.of(main).orElseThrow().destroyForcibly();

        assertThat(units.until("a.service", "failed/failed").message())
                .isEqualTo("it is gone, and how it ended is not known");
    }

    @Test
    void unitsOfAnEarlierBootAreForgotten() throws Exception {
        units.run("a.service", "[Service]\nType=oneshot\nRemainAfterExit=yes\nExecStart=/bin/true\n");
        units.until("a.service", "active/exited");
        units.runtime.close();
        Files.writeString(units.path("state/exec/boot"), "another boot");

        units.runtime = ExecRuntime.start(units.settings);

        assertThat(units.runtime.observe()).isEmpty();
    }

    /// One unit's damage is its own.
    @Test
    void aUnitWhoseSavedStateIsDamagedIsKilledAndSaysSoWhileOthersRunOn() throws Exception {
        for (var name : List.of("a", "b", "c", "d")) {
            units.run(name + ".service", "[Service]\nKillMode=process\nExecStart=/bin/sleep 1000\n");
        }
        long a = units.until("a.service", "active/running").mainPid();
        long b = units.until("b.service", "active/running").mainPid();
        long c = units.until("c.service", "active/running").mainPid();
        long d = units.until("d.service", "active/running").mainPid();
        units.runtime.close();
        var record = units.path("state/exec/units/a.service/record");
        Files.writeString(record, Files.readString(record).replaceAll("since=.*", "since=yesterday"));
        Files.write(units.path("state/exec/units/b.service/loaded"), new byte[] {'[', 0, (byte) 0xff});
        Files.writeString(units.path("state/exec/journal/c.service/current"), "x\n");

        units.runtime = ExecRuntime.start(units.settings);

        assertThat(units.until("a.service", "failed/failed").message())
                .startsWith("what was saved of it cannot be read, so it was killed: ");
        assertThat(Units.isAlive(a)).isFalse();
        assertThat(units.state("b.service").load()).isEqualTo("error");
        assertThat(units.state("b.service").message()).startsWith("its saved unit file cannot be read: ");
        assertThat(units.state("b.service").mainPid()).isEqualTo(b);
        assertThat(units.state("c.service").mainPid()).isEqualTo(c);
        assertThat(units.state("d.service").mainPid()).isEqualTo(d);
        units.start(2, "a.service");
        units.until("a.service", "active/running");
    }

    @Test
    void aWallClockThatWasSetForwardLetsNoTimeLimitPass() throws Exception {
        units.run("a.service", "[Service]\nType=notify\nTimeoutStartSec=10min\nExecStart=/bin/sleep 1000\n");
        units.until("a.service", "activating/start");
        units.runtime.close();
        // As if the clock had been an hour behind until now.
        setBack(units.path("state/exec/clock"));
        setBack(units.path("state/exec/units/a.service/record"));
        var before = Instant.now();

        units.runtime = ExecRuntime.start(units.settings);

        units.until("a.service", state -> state.mainPid() > 0);
        assertThat(units.state("a.service").sub()).isEqualTo("start");
        assertThat(units.state("a.service").since()).isAfter(before.minus(Duration.ofMinutes(10)));
    }

    private static void setBack(Path file) throws IOException {
        var text = Pattern.compile("\\d{4}-\\d\\d-\\d\\dT[0-9:.]+Z").matcher(Files.readString(file))
                .replaceAll(time -> Instant.parse(time.group()).minus(Duration.ofHours(1)).toString());
        Files.writeString(file, text);
    }

    @Test
    void aServiceThatSaidReadyWhileNoAgentWasThereIsNotKilledForIt() throws Exception {
        var script = units.script("""
                while [ ! -e %1$s ]; do sleep 0.02; done
                systemd-notify --ready
                touch %1$s.said
                exec sleep 1000
                """.formatted(units.path("go")));
        units.run("a.service", "[Service]\nType=notify\nTimeoutStartSec=2s\nExecStart=" + script + "\n");
        units.until("a.service", state -> state.mainPid() > 0);
        units.runtime.close();
        Files.createFile(units.path("go"));
        await().atMost(Units.HOPELESS).until(() -> Files.exists(units.path("go.said")));

        units.runtime = ExecRuntime.start(units.settings);

        assertThat(units.until("a.service", state -> !state.sub().equals("start")).sub()).isEqualTo("running");
    }

    @Test
    void twoAgentsCannotShareAFolder() {
        assertThatThrownBy(() -> ExecRuntime.start(units.settings))
                .hasMessageContaining("state/exec: java.io.IOException: it is in use by this process already");
    }

    /// It would know of no units, and kill those of the first as leftovers.
    @Test
    void anAgentWithTheSameMachineIdAndAnotherFolderIsRefusedAndHarmsNothing() throws Exception {
        units.load("a.service", "[Service]\nExecStart=/bin/sleep 1000\n");
        agentProcess();
        tell("start a.service");
        await().atMost(Units.HOPELESS).until(() -> record("a.service").contains("phase=RUNNING"));

        assertThatThrownBy(() -> ExecRuntime.start(units.elsewhere("other")))
                .hasMessageContaining("another agent with the machine id " + units.settings.machineId());

        kill();
        units.runtime = ExecRuntime.start(units.settings);
        assertThat(Units.isAlive(units.until("a.service", "active/running").mainPid())).isTrue();
    }

    private String untilGo(String end) throws IOException {
        return units.script("cd %s\nwhile [ ! -e go ]; do sleep 0.02; done\n%s\n"
                .formatted(units.folder, end)) + "\n";
    }

    private void agentProcess() throws Exception {
        units.runtime.close();
        agent = new ProcessBuilder(
                        ProcessHandle.current().info().command().orElseThrow(), "-XX:TieredStopAtLevel=1", "-cp",
                        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                        LoneAgent.class.getName(), units.settings.stateFolder().toString(),
                        units.settings.machineId(), units.settings.cgroupParent())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        said = agent.inputReader();
        untilSaid("up");
    }

    private void tell(String command) throws IOException {
        agent.outputWriter().write(command + "\n");
        agent.outputWriter().flush();
        untilSaid("done");
    }

    private void untilSaid(String word) throws IOException {
        for (var line = said.readLine(); !word.equals(line); line = said.readLine()) {
            if (line == null) {
                throw new AssertionError("the agent's process has ended");
            }
        }
    }

    private void kill() throws InterruptedException {
        agent.destroyForcibly().waitFor();
    }

    private String record(String unit) throws IOException {
        var text = Files.readString(units.path("state/exec/units/" + unit + "/record"));
        return text.substring(text.lastIndexOf("unit="));
    }

    private long exitFiles() throws IOException {
        try (var files = Files.list(units.path("state/exec/run"))) {
            return files.filter(file -> file.toString().endsWith(".exit") && file.toFile().length() > 0).count();
        }
    }
}
