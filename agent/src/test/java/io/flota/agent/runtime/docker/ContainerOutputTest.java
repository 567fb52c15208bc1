package io.flota.agent.runtime.docker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.flota.agent.runtime.RuntimeUnavailableException;
import io.flota.agent.runtime.UnitRuntime.JournalLine;
import io.flota.agent.runtime.UnitRuntime.JournalPart;
import io.flota.agent.runtime.process.Signal;
import io.flota.unit.UnitName;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// What containers write, read back from a real dockerd.
class ContainerOutputTest {
    /// It says what it is asked.
    @RegisterExtension
    static final OwnDocker DOCKER = new OwnDocker("--debug");

    private ContainerMachine machine;

    @BeforeEach
    void machine() throws Exception {
        machine = new ContainerMachine(DOCKER);
    }

    @AfterEach
    void nothingIsLeft() throws Exception {
        machine.close();
    }

    @Test
    void aContainersOutputIsItsUnits() throws Exception {
        machine.run("a.service", "[Container]\nImage=web\nStopSignal=KILL\n"
                + "Exec=sh -c 'echo one; echo two >&2; sleep 1; echo three; exec sleep 1000'\n");
        machine.until("a.service", "active/running");

        var heard = new CopyOnWriteArrayList<String>();
        var follower = follow(heard);

        await().atMost(ContainerMachine.HOPELESS).until(() -> heard.contains("three"));
        end(follower);
        assertThat(heard).containsSubsequence("one", "three").contains("two");
        assertThat(machine.journal("a.service", 1)).containsExactly("three");
    }

    @Test
    void whatDockerDoesNotGiveAwayIsSaidOnceAndAskedForNoMore() throws Exception {
        machine.run("a.service", "[Container]\nImage=web\nLogDriver=none\nStopSignal=KILL\nExec=sleep 1000\n"
                + "[Service]\nRestart=always\nRestartSec=0\n");
        machine.until("a.service", "active/running");
        var first = machine.container("a.service").id();

        var heard = new CopyOnWriteArrayList<String>();
        var follower = follow(heard);
        await().atMost(ContainerMachine.HOPELESS).until(() -> asked(first) == 2); // what there is, and what comes
        DOCKER.engine().containers().kill(first, Signal.KILL);
        machine.until("a.service", state -> state.restarts() == 1 && state.sub().equals("running"));
        var second = machine.container("a.service").id();
        await().atMost(ContainerMachine.HOPELESS).until(() -> asked(second) == 1);

        await().during(Duration.ofSeconds(3)).atMost(ContainerMachine.HOPELESS)
                .until(() -> asked(first) == 2 && asked(second) == 1);
        end(follower);
        assertThat(heard).filteredOn(line -> line.contains("does not support reading")).singleElement().asString()
                .startsWith("Docker refuses to read the log of container ")
                .endsWith("; read it where its LogDriver= takes it, or leave LogDriver= out");
    }

    private Thread follow(List<String> heard) {
        return Thread.ofVirtual().start(() -> {
            try {
                var _ = machine.runtime.journal(
                        new UnitName("a.service"), new JournalPart(-1, true),
                        batch -> batch.stream().map(JournalLine::text).forEach(heard::add));
            } catch (RuntimeUnavailableException | InterruptedException _) {
                return; // told to
            }
        });
    }

    private static void end(Thread follower) throws InterruptedException {
        follower.interrupt();
        assertThat(follower.join(ContainerMachine.HOPELESS)).isTrue();
    }

    /// How often for the log of a container.
    private static long asked(String id) throws IOException {
        try (var lines = Files.lines(DOCKER.folder().resolve("log"))) {
            return lines.filter(line -> line.contains("Calling GET") && line.contains("/containers/" + id + "/logs"))
                    .count();
        }
    }
}
