package io.flota.agent.runtime.systemd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.flota.agent.runtime.process.Signal;
import java.nio.file.Files;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/// Units that read their configuration anew, under a real systemd.
class SystemdReloadTest extends OnSystemd {
    private static final String UNIT = "a.service";

    private Optional<String> reload() throws Exception {
        return machine.runtime.reload(SystemdMachine.name(UNIT));
    }

    @Test
    void itIsReloadedAndThatIsWaitedFor() throws Exception {
        var said = machine.folder.resolve("said");
        machine.run(UNIT, "[Service]\nExecStart=/bin/sleep 1000\nExecReload=/bin/sh -c 'sleep 0.3; echo $MAINPID > "
                + said + "'\n");
        long pid = machine.until(UNIT, "active/running").mainPid();

        assertThat(reload()).isEmpty();

        assertThat(Files.readString(said)).isEqualTo(pid + "\n");
        assertThat(machine.until(UNIT, "active/running").mainPid()).isEqualTo(pid);
    }

    @Test
    void oneThatFailsSaysSo() throws Exception {
        machine.run(UNIT, "[Service]\nExecStart=/bin/sleep 1000\nExecReload=/bin/false\n");
        machine.until(UNIT, "active/running");

        assertThat(reload()).hasValue("systemd says of its reload: exit-code");

        machine.until(UNIT, "active/running");
    }

    @Test
    void oneThatIsDownOrHasNoCommandForItIsNotReloaded() throws Exception {
        machine.run(UNIT, "[Service]\nExecStart=/bin/sleep 1000\n");
        machine.until(UNIT, "active/running");

        assertThat(reload().orElseThrow()).contains("reload");
    }

    @Test
    void itsMainProcessTakesASignal() throws Exception {
        var said = machine.folder.resolve("said");
        machine.run(UNIT, "[Service]\nExecStart="
                + machine.script("trap 'echo reloaded > " + said + "' HUP\ntouch " + said + "\nwhile :; do sleep 0.05; done\n")
                + "\n");
        machine.until(UNIT, "active/running");
        await().atMost(SystemdMachine.HOPELESS).until(() -> Files.exists(said));

        assertThat(machine.runtime.signal(SystemdMachine.name(UNIT), Signal.HUP)).isEmpty();

        await().atMost(SystemdMachine.HOPELESS).until(() -> Files.readString(said).equals("reloaded\n"));
    }
}
