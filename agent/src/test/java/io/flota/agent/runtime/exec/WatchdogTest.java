package io.flota.agent.runtime.exec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.flota.agent.runtime.guard.Watchdog;
import io.flota.agent.steps.Guard;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// A watchdog over one unit, of which nothing runs.
class WatchdogTest extends MachineTest {
    private StateFolder state;
    private Watchdog watchdog;
    private long pid;

    @BeforeEach
    void watch() throws Exception {
        state = StateFolder.open(units.path("alone"));
        var cgroups = units.cgroups();
        watchdog = new Watchdog(
                state.fence(), state.watchdog(), units.settings.machineId(),
                unit -> cgroups.tree(unit).address(), BootClock.open(state.note("clock"))::sinceBoot);
        watchdog.watch(List.of(guard(Duration.ofMinutes(5))));
        pid = living().orElseThrow();
    }

    @AfterEach
    void end() {
        watchdog.close();
        living().flatMap(ProcessHandle::of).ifPresent(process -> {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
        });
        await().atMost(Units.HOPELESS).until(() -> living().isEmpty());
        state.close();
    }

    /// As the loop that sets guards is interrupted when an agent ends and leaves its units running.
    @Test
    void itOutlivesAnInterruptOfWhoeverTellsIt() throws Exception {
        Thread.currentThread().interrupt();

        assertThatThrownBy(() -> watchdog.watch(List.of(guard(Duration.ofMinutes(2))))).isInstanceOf(IOException.class);

        assertThat(Thread.interrupted()).isTrue();
        watchdog.watch(List.of(guard(Duration.ofMinutes(1))));
        assertThat(living()).contains(pid);
    }

    @Test
    void anAgentThatEndsLeavesOneBehind() {
        ProcessHandle.of(pid).orElseThrow().destroyForcibly();
        await().atMost(Units.HOPELESS).until(() -> !Units.isAlive(pid));
        watchdog.close();

        await().atMost(Units.HOPELESS).until(() -> living().filter(now -> now != pid).isPresent());
    }

    private static Guard guard(Duration life) {
        var until = Units.uptime().plus(life);
        return new Guard(Units.name("a.service"), true, Duration.ZERO, until, until);
    }

    private Optional<Long> living() {
        try {
            return Units.lines(state.fence().resolve("watchdog")).stream()
                    .map(Long::parseLong)
                    .filter(Units::isAlive)
                    .findFirst();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }
}
