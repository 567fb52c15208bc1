package io.flota.agent.runtime.exec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.flota.agent.runtime.RuntimeUnavailableException;
import io.flota.agent.runtime.UnitRuntime.UnitToStart;
import io.flota.agent.runtime.process.ProcFs;
import io.flota.agent.steps.Guard;
import java.nio.file.Files;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/// Guards, kept by a watchdog that is a process of its own.
class GuardTest extends MachineTest {
    private static final String EXCLUSIVE = "[X-Flota]\nExclusive=true\n";
    /// Of a guard that is not to strike within the test.
    private static final Duration LONG = Duration.ofMinutes(5);
    private static final Duration SHORT = Duration.ofSeconds(1);

    @Test
    void aUnitIsKilledWhenItsTimeIsOver() throws Exception {
        var log = units.path("log");
        units.load("a.service", "[Service]\nRestart=always\nRestartSec=0\nExecStart=" + clock() + EXCLUSIVE);
        var guard = units.guard("a.service", SHORT);
        start("a.service", 5);
        units.until("a.service", "active/running");

        var failed = units.until("a.service", "failed/failed");

        assertThat(failed.generation()).isZero();
        assertThat(failed.message()).contains("lease");
        assertThat(units.runtime.guards().get(Units.name("a.service")).struck()).isTrue();
        assertThat(lastTime(log)).isLessThan(guard.livesUntil());
    }

    @Test
    void aGuardThatIsLengthenedInTimeDoesNotStrike() throws Exception {
        units.load("a.service", "[Service]\nExecStart=/bin/sleep 1000\n" + EXCLUSIVE);
        var first = units.guard("a.service", SHORT);
        start("a.service", 5);
        var running = units.until("a.service", "active/running");

        units.guard("a.service", LONG);
        await().atMost(Units.HOPELESS).until(() -> Units.uptime().compareTo(first.livesUntil().plusMillis(500)) > 0);

        assertThat(units.state("a.service").mainPid()).isEqualTo(running.mainPid());
        assertThat(units.state("a.service").active()).isEqualTo("active");
    }

    @Test
    void aGuardThatIsShortenedStrikesSooner() throws Exception {
        units.load("a.service", "[Service]\nExecStart=/bin/sleep 1000\n" + EXCLUSIVE);
        units.guard("a.service", LONG);
        start("a.service", 5);
        units.until("a.service", "active/running");

        units.guard("a.service", SHORT);

        units.until("a.service", "failed/failed");
    }

    @Test
    void whatHasStruckIsNotLengthenedButStartedAnew() throws Exception {
        units.load("a.service", "[Service]\nExecStart=/bin/sh -c 'echo epoch $FLOTA_EPOCH; sleep 1000'\n" + EXCLUSIVE);
        units.guard("a.service", SHORT);
        start("a.service", 5);
        units.until("a.service", "failed/failed");

        units.guard("a.service", LONG);
        assertThat(units.state("a.service").active()).isEqualTo("failed");
        start("a.service", 9);

        units.until("a.service", "active/running");
        units.untilWritten("a.service", "epoch 9000001");
        assertThat(units.journal("a.service")).contains("epoch 5000001");
    }

    @Test
    void aGuardThatCannotBeWrittenDownIsNotSaidToStand() throws Exception {
        units.load("a.service", "[Service]\nExecStart=/bin/sleep 1000\n" + EXCLUSIVE);
        Files.createDirectory(units.path("state/exec/fence/deadlines~new"));

        assertThatThrownBy(() -> units.guard("a.service", LONG))
                .isInstanceOf(RuntimeUnavailableException.class)
                .hasMessageContaining("watchdog");

        assertThat(units.runtime.guards()).isEmpty();
    }

    /// As an agent of an earlier version may have left it, or one that could not write the guard down.
    @Test
    void oneThatStopsOnDisconnectAndWasLeftWithoutAGuardRunsOnWithOne() throws Exception {
        units.load("a.service", "[Service]\nExecStart=/bin/sleep 1000\n[X-Flota]\nOnDisconnect=stop\n");
        units.guard("a.service", LONG);
        units.start("a.service");
        var running = units.until("a.service", "active/running");
        units.runtime.close();
        Files.delete(units.path("state/exec/fence/deadlines"));

        units.runtime = ExecRuntime.start(units.settings);

        var guard = units.runtime.guards().get(Units.name("a.service")).guard();
        assertThat(guard.exclusive()).isFalse();
        assertThat(guard.startsUntil()).isGreaterThan(Units.uptime());
        assertThat(units.state("a.service").mainPid()).isEqualTo(running.mainPid());
    }

    @Test
    void epochsRiseWithEachStartAlsoThoseOfRestart() throws Exception {
        units.load("a.service", "[Service]\nRestart=always\nRestartSec=0\nStartLimitIntervalSec=0\n"
                + "ExecStart=/bin/sh -c 'echo epoch $FLOTA_EPOCH; sleep 0.05'\n" + EXCLUSIVE);
        units.guard("a.service", LONG);
        start("a.service", 5);
        units.untilWritten("a.service", "epoch 5000003");

        units.restartAgent();
        units.untilWritten("a.service", "epoch 5000006");

        var epochs = units.journal("a.service").stream().filter(line -> line.startsWith("epoch")).toList();
        assertThat(epochs).doesNotHaveDuplicates().isSorted();
    }

    @Test
    void anExclusiveUnitIsNotStartedWithoutAGuardNorForAnotherUnitsSake() throws Exception {
        units.load("a.service", "[Service]\nExecStart=/bin/sleep 1000\n" + EXCLUSIVE);
        units.load("b.service", "[Unit]\nWants=a.service\n[Service]\nExecStart=/bin/sleep 1000\n");

        units.start("b.service");
        units.until("b.service", "active/running");
        assertThat(units.state("a.service").active()).isEqualTo("inactive");

        start("a.service", 5);
        var refused = units.until("a.service", "failed/failed");
        assertThat(refused.generation()).isZero();
    }

    @Test
    void oneThatWasStoppedIsNotStartedForAnotherUnitsSake() throws Exception {
        units.load("a.service", "[Service]\nExecStart=/bin/sleep 1000\n" + EXCLUSIVE);
        units.load("b.service", "[Unit]\nWants=a.service\n[Service]\nExecStart=/bin/sleep 1000\n");
        units.guard("a.service", LONG);
        start("a.service", 5);
        units.until("a.service", "active/running");
        units.stop("a.service");
        units.until("a.service", "inactive/dead");

        units.start("b.service");
        units.until("b.service", "active/running");

        assertThat(units.state("a.service").active()).isEqualTo("inactive");
    }

    @Test
    void afterStartsUntilNothingIsStartedAnyMore() throws Exception {
        units.load("a.service", "[Service]\nRestart=always\nRestartSec=100ms\nExecStart=/bin/sleep 1000\n" + EXCLUSIVE);
        units.guard("a.service", Duration.ofSeconds(4)); // starts within the first three
        start("a.service", 5);
        var running = units.until("a.service", "active/running");
        var startsUntil = units.runtime.guards().get(Units.name("a.service")).guard().startsUntil();
        await().atMost(Units.HOPELESS).until(() -> Units.uptime().compareTo(startsUntil) > 0);

        ProcessHandle.of(running.mainPid()).orElseThrow().destroyForcibly();

        assertThat(units.until("a.service", "failed/failed").restarts()).isZero();
    }

    /// It may be started at any moment up to the last; each process looks at the clock before it becomes the unit's.
    @Test
    void aUnitThatIsStartedAgainAndAgainIsOverInTime() throws Exception {
        var log = units.path("log");
        units.load("a.service", "[Service]\nRestart=always\nRestartSec=0\nStartLimitIntervalSec=0\nExecStart="
                + units.script("read -r up _ </proc/uptime; echo $up >>" + log + "; exit 1\n") + "\n" + EXCLUSIVE);
        var until = Units.uptime().plusSeconds(2);
        units.runtime.guard(List.of(new Guard(Units.name("a.service"), true, Duration.ZERO, until, until)));
        start("a.service", 5);

        var failed = units.until("a.service", state -> state.active().equals("failed"));

        assertThat(failed.generation()).isZero();
        assertThat(failed.restarts()).isPositive();
        assertThat(lastTime(log)).isLessThan(until);
    }

    @Test
    void aProcessThatIsLateDoesNotBegin() throws Exception {
        var shim = units.settings.stateFolder().resolve("exec/shim").toString();
        var deadline = Long.toString(Units.uptime().toMillis() / 10);
        var log = units.path("log");
        var late = new ProcessBuilder(
                        "/bin/sh", shim, units.path("pid").toString(), "", deadline, "022", "/", "", "/bin/touch",
                        log.toString())
                .redirectError(units.path("exit").toFile())
                .start();

        assertThat(late.waitFor()).isZero();
        assertThat(log).doesNotExist();
        assertThat(Units.lines(units.path("exit"))).containsExactly("exit " + ExitStatus.FENCED);
    }

    @Test
    void aWatchdogThatIsKilledIsReplacedAndOneThatIsStoppedGoesOn() throws Exception {
        units.load("a.service", "[Service]\nExecStart=/bin/sleep 1000\n" + EXCLUSIVE);
        units.guard("a.service", LONG);
        start("a.service", 5);
        units.until("a.service", "active/running");
        long first = units.watchdog().orElseThrow();

        ProcessHandle.of(first).orElseThrow().destroyForcibly();

        await().atMost(Units.HOPELESS).until(() -> units.watchdog().filter(pid -> pid != first).isPresent());
        long second = units.watchdog().orElseThrow();
        signal("STOP", second);
        await().atMost(Units.HOPELESS).until(() -> ProcFs.stat(second).orElseThrow().state() == 'T');
        units.guard("a.service", LONG);
        await().atMost(Units.HOPELESS).until(() -> ProcFs.stat(second).orElseThrow().state() != 'T');
    }

    @Test
    void theWatchdogEndsWhenThereIsNothingToGuard() throws Exception {
        units.load("a.service", "[Service]\nExecStart=/bin/sleep 1000\n" + EXCLUSIVE);
        units.guard("a.service", SHORT);
        start("a.service", 5);
        units.until("a.service", "failed/failed");

        await().atMost(Units.HOPELESS).until(() -> units.watchdog().isEmpty());
    }

    @Test
    void itEndsWithAnAgentThatHasStoppedAllUnits() throws Exception {
        units.load("a.service", "[Service]\nExecStart=/bin/sleep 1000\n" + EXCLUSIVE);
        units.guard("a.service", LONG);
        start("a.service", 5);
        units.until("a.service", "active/running");
        units.stop("a.service");
        units.until("a.service", "inactive/dead");

        units.runtime.close();

        await().atMost(Units.HOPELESS).until(() -> units.watchdog().isEmpty());
        units.runtime = ExecRuntime.start(units.settings);
    }

    @Test
    void aUnitOfTheSameNameThatIsNotExclusiveIsSpared() throws Exception {
        units.load("a.service", "[Service]\nExecStart=/bin/sleep 1000\n" + EXCLUSIVE);
        var guard = units.guard("a.service", Duration.ofSeconds(3));
        start("a.service", 5);
        units.until("a.service", "active/running");
        units.unload("a.service");
        await().atMost(Units.HOPELESS).until(() -> units.runtime.observe().isEmpty());

        units.run("a.service", "[Service]\nExecStart=/bin/sleep 1000\n");
        await().atMost(Units.HOPELESS).until(() -> Units.uptime().compareTo(guard.livesUntil().plusMillis(300)) > 0);

        assertThat(units.state("a.service").active()).isEqualTo("active");
    }

    /// Writes the time since boot to the file `log`, again and again.
    private String clock() throws Exception {
        return units.script("while :; do read -r up _ </proc/uptime; echo $up >>" + units.path("log")
                + "; sleep 0.005; done\n") + "\n";
    }

    private static Duration lastTime(java.nio.file.Path log) throws Exception {
        var lines = Files.readAllLines(log);
        return Duration.ofMillis(Math.round(Double.parseDouble(lines.getLast()) * 1000));
    }

    private void start(String name, long epochBase) throws Exception {
        units.runtime.start(List.of(new UnitToStart(Units.name(name), 1, epochBase)));
    }

    private static void signal(String name, long pid) throws Exception {
        new ProcessBuilder("/bin/sh", "-c", "kill -" + name + " " + pid).start().waitFor();
    }
}
