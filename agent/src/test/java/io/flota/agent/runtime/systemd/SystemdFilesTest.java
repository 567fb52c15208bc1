package io.flota.agent.runtime.systemd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/// Files of units come and go, and what systemd links for them.
class SystemdFilesTest extends OnSystemd {
    private static final String SLEEP = "[Service]\nExecStart=/bin/sleep 1000\n";
    private static final String WANTED = SLEEP + "[Install]\nWantedBy=w.target\n";
    private static final Path LINK = Path.of("/run/systemd/system/w.target.wants/i.service");
    /// The agent is as fast as systemd now and then, and never in step with it.
    private static final int ROUNDS = 40;

    @Test
    void aUnitThatIsWantedAgainJustWhenItIsForgottenStarts() throws Exception {
        for (int round = 1; round <= ROUNDS; round++) {
            machine.load("a.service", SLEEP);
            machine.until("a.service", "inactive/dead");
            var link = Path.of("/run/systemd/system/a.service");
            await().atMost(SystemdMachine.HOPELESS).until(() -> Files.exists(link));
            machine.unload("a.service");
            while (round % 4 != 0 && Files.exists(link)) {
                Thread.onSpinWait(); // it is being forgotten, and not forgotten yet
            }
            machine.load("a.service", SLEEP);
            machine.start(round, "a.service");

            var state = machine.until("a.service", now -> now.sub().equals("running") || now.isDown());

            assertThat(state.active()).as(state.message()).isEqualTo("active");
            machine.stop("a.service");
            machine.until("a.service", "inactive/dead");
        }
    }

    @Test
    void aUnitThatTheHostHadIsRunOnceTheHostHasItNoMore() throws Exception {
        try (var _ = new HostUnit(Path.of("/run/systemd/system/flota-host.service"), SLEEP)) {
            machine.run("flota-host.service", SLEEP);
            machine.until("flota-host.service", state -> state.load().equals("error"));
            machine.runtime.look();
            machine.load("b.service", SLEEP);
            machine.until("b.service", "inactive/dead");
            assertThat(machine.state("flota-host.service").load()).isEqualTo("error");
        }

        machine.runtime.look();

        var free = machine.until("flota-host.service", state -> state.load().equals("loaded"));
        assertThat(free.active()).isEqualTo("inactive");
        assertThat(free.generation()).as("so that the agent starts it").isZero();
        assertThat(free.message()).isEmpty();
        machine.start("flota-host.service");
        machine.until("flota-host.service", "active/running");
    }

    @Test
    void aUnitThatTheHostHadForAWhileIsOursAgain() throws Exception {
        machine.load("flota-late.service", SLEEP);
        await().atMost(SystemdMachine.HOPELESS)
                .until(() -> Files.exists(Path.of("/run/systemd/system/flota-late.service")));
        try (var _ = new HostUnit(Path.of("/etc/systemd/system/flota-late.service"), SLEEP)) {
            machine.start("flota-late.service");
            machine.until("flota-late.service", state -> state.load().equals("error"));
            machine.restartAgent();
        }

        machine.runtime.look();

        machine.until("flota-late.service", state -> state.load().equals("loaded"));
        machine.start(2, "flota-late.service");
        machine.until("flota-late.service", "active/running");
    }

    /// Its file was not written, as it was the host's name: it is to be loaded again by who wants it.
    @Test
    void theNextAgentKnowsThatItHasNoFileOfAUnitThatWasKeptOut() throws Exception {
        try (var _ = new HostUnit(Path.of("/run/systemd/system/flota-host.service"), SLEEP)) {
            machine.run("flota-host.service", SLEEP);
            machine.until("flota-host.service", state -> state.load().equals("error"));
            machine.restartAgent();
        }

        assertThat(machine.state("flota-host.service").fileHash()).isEmpty();
        machine.run("flota-host.service", SLEEP);
        machine.until("flota-host.service", "active/running");
    }

    @Test
    void aNewFileIsNotWantedByWhomTheOldOneNamed() throws Exception {
        machine.load("w.target", "[Unit]\nDescription=wants\n");
        machine.load("i.service", WANTED);
        await().atMost(SystemdMachine.HOPELESS).until(() -> Files.exists(LINK));

        machine.load("i.service", SLEEP);

        await().atMost(SystemdMachine.HOPELESS).until(() -> !Files.exists(LINK));
        machine.start("w.target");
        machine.until("w.target", "active/active");
        assertThat(machine.state("i.service").active()).isEqualTo("inactive");
        machine.start("i.service");
        machine.until("i.service", "active/running");
        machine.load("i.service", WANTED);
        await().atMost(SystemdMachine.HOPELESS).until(() -> Files.exists(LINK));
        assertThat(machine.state("i.service").active()).isEqualTo("active");
    }
}
