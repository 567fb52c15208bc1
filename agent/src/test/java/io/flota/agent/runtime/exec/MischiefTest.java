package io.flota.agent.runtime.exec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import io.flota.agent.runtime.RuntimeUnavailableException;
import java.nio.file.Files;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/// What goes wrong in one place harms nothing else.
class MischiefTest extends MachineTest {
    @Test
    void aServiceCannotNameAStrangerAsItsMainProcess() throws Exception {
        var stranger = new ProcessBuilder("sleep", "1000").start();
        try {
            units.run("a.service", """
                    [Service]
                    Type=notify
                    NotifyAccess=all
                    ExecStart=%s
                    """.formatted(units.script("""
                            systemd-notify MAINPID=%d
                            systemd-notify --ready
                            exec sleep 1000
                            """.formatted(stranger.pid()))));

            var running = units.until("a.service", "active/running");

            assertThat(running.mainPid()).isNotEqualTo(stranger.pid()).isPositive();
        } finally {
            stranger.destroyForcibly().waitFor();
        }
    }

    @Test
    void aServiceWhoseEnvironmentNoProcessCanHaveHasFailed() throws Exception {
        var file = units.path("variables");
        Files.writeString(file, "GREETING=good\0bye\n");

        units.run("a.service", "[Service]\nEnvironmentFile=" + file + "\nExecStart=/bin/sleep 1000\n");

        assertThat(units.until("a.service", "failed/failed").message()).startsWith("cannot start it: ");
    }

    @Test
    void whatTheHostOfferedBeforeItsLastBootIsForgotten() throws Exception {
        units.runtime.close();
        Files.writeString(units.settings.stateFolder().resolve("exec/boot"), "another boot");
        Files.writeString(units.settings.stateFolder().resolve("exec/cgroups"), "freezer /proc/none\n");

        units.runtime = ExecRuntime.start(units.settings);
        units.run("a.service", "[Service]\nExecStart=/bin/sleep 1000\n");

        units.until("a.service", state -> !state.active().equals("activating"));
        assertThat(units.state("a.service").sub()).isEqualTo("running");
    }

    /// What is done and not noted is done again, or forgotten, by the next agent.
    @Test
    void aUnitWhoseStateCannotBeSavedWaitsUntilItCan() throws Exception {
        units.load("a.service", "[Service]\nExecStart=/bin/sh -c 'echo ran; exec sleep 1000'\n");
        units.load("b.service", "[Service]\nType=oneshot\nRemainAfterExit=yes\nExecStart=/bin/sleep 0.5\n");
        var record = units.path("state/exec/units/a.service/record");
        await().atMost(Units.HOPELESS).until(() -> Files.exists(record));
        Files.delete(record);
        Files.createDirectories(record.resolve("in the way"));

        units.start("a.service", "b.service");

        units.until("b.service", "active/exited");
        assertThat(units.state("a.service").sub()).isEqualTo("start");
        assertThat(units.journal("a.service")).isEmpty();
        Files.delete(record.resolve("in the way"));
        Files.delete(record);
        units.until("a.service", "active/running");
    }

    /// An agent without its runtime would keep its machine in the cluster, and the units on it dead.
    @Test
    void aBugIsNotSurvived() throws Exception {
        var before = Thread.getDefaultUncaughtExceptionHandler();
        var uncaught = new CompletableFuture<Throwable>();
        Thread.setDefaultUncaughtExceptionHandler((_, bug) -> uncaught.complete(bug));
        try {
            units.runtime.onChange(() -> {
                throw new IllegalStateException("a bug");
            });
            // Who asks may hear of it already, or just be in time.
            catchThrowableOfType(
                    RuntimeUnavailableException.class,
                    () -> units.load("a.service", "[Service]\nExecStart=/bin/sleep 1000\n"));

            assertThat(uncaught.get(Units.HOPELESS.toSeconds(), TimeUnit.SECONDS)).hasMessage("a bug");
            assertThatThrownBy(() -> units.runtime.observe()).isInstanceOf(RuntimeUnavailableException.class);
        } finally {
            Thread.setDefaultUncaughtExceptionHandler(before);
        }
    }
}
