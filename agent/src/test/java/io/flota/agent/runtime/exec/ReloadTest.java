package io.flota.agent.runtime.exec;

import static org.assertj.core.api.Assertions.assertThat;

import io.flota.agent.runtime.process.Signal;
import java.nio.file.Files;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/// Units that read their configuration anew.
class ReloadTest extends MachineTest {
    private static final String UNIT = "web.service";

    private Optional<String> reload() throws Exception {
        return units.runtime.reload(Units.name(UNIT));
    }

    /// Says `reloaded` on SIGHUP.
    private String server() throws Exception {
        return "ExecStart=" + units.script("trap 'echo reloaded' HUP\necho ready\nwhile :; do sleep 0.05; done\n") + "\n";
    }

    private void untilReady() {
        units.until(UNIT, "active/running");
        units.untilWritten(UNIT, "ready");
    }

    @Test
    void itsCommandsAreRunInsideItOneAfterTheOther() throws Exception {
        var said = units.path("said");
        units.run(UNIT, "[Service]\nEnvironment=COLOUR=red\n" + server()
                + "ExecReload=/bin/kill -HUP $MAINPID\n"
                + "ExecReload=-/bin/false\n"
                + "ExecReload=/bin/sh -c 'echo $$MAINPID ${COLOUR} $$FLOTA_UNIT %n > " + said + "'\n");
        untilReady();

        assertThat(reload()).isEmpty();

        units.untilWritten(UNIT, "reloaded");
        assertThat(Files.readString(said))
                .isEqualTo(units.state(UNIT).mainPid() + " red " + UNIT + " " + UNIT + "\n");
        assertThat(units.state(UNIT).active()).isEqualTo("active");
    }

    @Test
    void oneThatFailsSaysWhyAndEndsTheRest() throws Exception {
        var said = units.path("said");
        units.run(UNIT, "[Service]\n" + server()
                + "ExecReload=/bin/sh -c 'echo one; echo it is wrong >&2; exit 3'\n"
                + "ExecReload=/bin/touch " + said + "\n");
        untilReady();

        assertThat(reload()).hasValue("its ExecReload= ended with status 3: it is wrong");

        assertThat(said).doesNotExist();
        assertThat(units.state(UNIT).active()).isEqualTo("active");
    }

    @Test
    void oneThatSaysNothingOfItCannotBeReloadedButSignalled() throws Exception {
        units.run(UNIT, "[Service]\n" + server());
        untilReady();

        assertThat(reload()).hasValue("it has no ExecReload=");
        assertThat(units.runtime.signal(Units.name(UNIT), Signal.HUP)).isEmpty();

        units.untilWritten(UNIT, "reloaded");
    }

    @Test
    void oneThatIsDownIsNotReloaded() throws Exception {
        units.load(UNIT, "[Service]\nExecReload=/bin/true\n" + server());

        assertThat(reload()).hasValue("it is not active");
        assertThat(units.runtime.signal(Units.name(UNIT), Signal.HUP)).hasValue("it has no main process");
        assertThat(units.runtime.reload(Units.name("nosuch.service"))).hasValue("it is not on this machine");
    }
}
