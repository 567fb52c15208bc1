package io.flota.agent.runtime.exec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import io.flota.agent.runtime.UnitRuntime.UnitToStart;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Each way to keep a unit's processes together, on a host that has no better one.
class TreeTest extends MachineTest {
    @ParameterizedTest
    @ValueSource(strings = {"unified", "freezer", "marks"})
    void whateverForksAwayIsStoppedAlsoAfterAnAdoption(String kind) throws Exception {
        useOnly(kind);
        var daemon = units.path("daemon");
        units.run("a.service", "[Service]\nTimeoutStopSec=1s\nExecStart=" + units.script("""
                setsid sh -c 'sh -c "trap true TERM; echo \\$\\$ >%s; while :; do sleep 0.1; done" & exit 0' &
                sleep 1000
                """.formatted(daemon)) + "\n");
        long pid = Long.parseLong(units.untilLine(daemon));
        units.restartAgent();
        assertThat(units.until("a.service", "active/running").mainPid()).isPositive();

        units.stop("a.service");

        units.until("a.service", state -> state.isDown());
        assertThat(Units.isAlive(pid)).isFalse();
        assertThat(units.cgroups().tree(Units.name("a.service")).pids()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"unified", "freezer", "marks"})
    void aGuardStrikesWhateverForkedAwayWithoutAnAgent(String kind) throws Exception {
        useOnly(kind);
        var daemon = units.path("daemon");
        units.load("a.service", "[Service]\nRestart=always\nExecStart=" + units.script("""
                setsid sh -c 'sh -c "trap true TERM; echo \\$\\$ >%s; while :; do sleep 0.1; done" & exit 0' &
                sleep 1000
                """.formatted(daemon)) + "\n[X-Flota]\n"
                + (kind.equals("marks") ? "OnDisconnect=stop\n" : "Exclusive=true\n"));
        units.guard("a.service", Duration.ofSeconds(2));
        units.runtime.start(List.of(new UnitToStart(Units.name("a.service"), 1, 5)));
        long pid = Long.parseLong(units.untilLine(daemon));
        long main = units.until("a.service", "active/running").mainPid();
        units.runtime.close();

        await().atMost(Units.HOPELESS).until(() -> !Units.isAlive(pid) && !Units.isAlive(main));
        await().atMost(Units.HOPELESS).until(() -> units.watchdog().isEmpty());

        units.runtime = ExecRuntime.start(units.settings);
        assertThat(units.until("a.service", "failed/failed").message()).contains("lease");
        assertThat(units.runtime.guards().get(Units.name("a.service")).struck()).isTrue();
    }

    @Test
    void aLimitThatThisHostCannotHoldIsNamed() throws Exception {
        useOnly("marks");

        units.load("a.service", "[Service]\nMemoryMax=10M\nTasksMax=infinity\nExecStart=/bin/sleep 1000\n");

        assertThat(units.state("a.service").message()).isEqualTo("not honoured: MemoryMax=");
    }

    /// Its processes could clear their marks and outlive their time.
    @Test
    void anExclusiveUnitIsNotStartedWhereOnlyMarksHoldIt() throws Exception {
        useOnly("marks");
        units.load("b.service", "[Service]\nExecStart=/bin/sleep 1000\n[X-Flota]\nExclusive=true\n");
        units.restartAgent();
        units.guard("b.service", Duration.ofMinutes(5));

        units.runtime.start(List.of(new UnitToStart(Units.name("b.service"), 1, 5)));

        assertThat(units.state("b.service").load()).isEqualTo("error");
        assertThat(units.state("b.service").message()).contains("Exclusive=true needs a control group");
        assertThat(units.state("b.service").mainPid()).isZero();
    }

    @Test
    void whatAnUnknownUnitLeftBehindIsKilled() throws Exception {
        units.run("a.service", "[Service]\nExecStart=/bin/sleep 1000\n");
        long main = units.until("a.service", "active/running").mainPid();
        units.runtime.close();
        for (var file : List.of("loaded", "record")) {
            Files.delete(units.path("state/exec/units/a.service/" + file));
        }

        units.runtime = ExecRuntime.start(units.settings);

        assertThat(units.runtime.observe()).isEmpty();
        await().atMost(Units.HOPELESS).until(() -> !Units.isAlive(main));
    }

    /// Nothing that is frozen dies, as nothing does that waits for a broken disk.
    @Test
    void aKillOfWhatDoesNotDieComesToAnEnd() throws Exception {
        useOnly("freezer");
        units.run("a.service", "[Service]\nExecStart=/bin/sleep 1000\n");
        long main = units.until("a.service", "active/running").mainPid();
        var frozen = ((FreezerTree) units.cgroups().tree(Units.name("a.service"))).group().resolve("freezer.state");
        Files.writeString(frozen, "FROZEN");
        var marked = new MarkedTree(Set.of("FLOTA_MACHINE_ID=" + units.settings.machineId(), "FLOTA_UNIT=a.service"));
        try {
            assertTimeoutPreemptively(Units.HOPELESS, marked::killAll);

            assertThat(Units.isAlive(main)).isTrue();
        } finally {
            Files.writeString(frozen, "THAWED");
        }
        await().atMost(Units.HOPELESS).until(() -> !Units.isAlive(main));
    }

    /// Lets the runtime know of one way only.
    private void useOnly(String kind) throws Exception {
        units.load("a.service", "[Service]\nExecStart=/bin/sleep 1000\n");
        units.runtime.close();
        var note = units.path("state/exec/cgroups");
        var lines = Files.readAllLines(note).stream()
                .filter(line -> line.startsWith(kind + " "))
                .collect(Collectors.joining("\n"));
        Files.writeString(note, lines.isEmpty() ? "" : lines + "\n");
        assertThat(lines.isEmpty()).isEqualTo(kind.equals("marks"));
        for (var line : lines.lines().toList()) {
            Files.createDirectories(Path.of(line.split(" ")[1]));
        }
        units.runtime = ExecRuntime.start(units.settings);
    }
}
