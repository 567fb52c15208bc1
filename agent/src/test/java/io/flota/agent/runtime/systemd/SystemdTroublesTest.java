package io.flota.agent.runtime.systemd;

import static org.assertj.core.api.Assertions.assertThat;

import io.flota.agent.runtime.systemd.Conversation.Answer.Refused;
import io.flota.agent.runtime.systemd.Conversation.Call;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/// Hosts, and processes on them, that make it hard.
class SystemdTroublesTest extends OnSystemd {
    private static final String SLEEP = "[Service]\nExecStart=/bin/sleep 1000\n";

    @Test
    void aNameThatIsTooLongForSystemdHoldsUpNoOther() throws Exception {
        var longest = "l".repeat(214) + ".service";
        var tooLong = List.of("l" + longest, "l".repeat(256 - ".service".length()) + ".service");
        for (var name : tooLong) {
            machine.run(name, SLEEP);
        }
        machine.run(longest, SLEEP);

        machine.until(longest, "active/running");
        for (var name : tooLong) {
            assertThat(machine.state(name).load()).isEqualTo("error");
            assertThat(machine.state(name).message()).contains("too long");
        }
        machine.restartAgent();
        assertThat(machine.state(longest).active()).isEqualTo("active");
        for (var name : tooLong) {
            machine.load(name, SLEEP);
            machine.unload(name);
            machine.untilUnloaded(name);
        }
    }

    /// On the bus anyone may send what looks as if systemd had.
    @Test
    void whatAnotherProcessMakesUpIsNotBelieved() throws Exception {
        machine.run("a.service", SLEEP);
        var before = machine.until("a.service", "active/running");

        SystemdMachine.said("busctl", "emit", "/org/freedesktop/systemd1/unit/a_2eservice",
                "org.freedesktop.DBus.Properties", "PropertiesChanged", "sa{sv}as", "org.freedesktop.systemd1.Unit",
                "2", "ActiveState", "s", "failed", "SubState", "s", "failed", "0");
        machine.run("b.service", SLEEP);
        machine.until("b.service", "active/running");

        assertThat(machine.state("a.service")).isEqualTo(before);
    }

    /// Else what is gone would be asked to stop for ever.
    @Test
    void aUnitThatSystemdDoesNotKnowIsToldFromOneThatItDoesNotStop() throws Exception {
        try (var _ = new HostUnit(Path.of("/run/systemd/system/stubborn.service"), "[Unit]\nRefuseManualStop=yes\n" + SLEEP);
                var systemd = Systemd.connect(machine.settings.bus(), _ -> {})) {
            var answers = systemd.all(List.of(
                    new Call("StopUnit", "nowhere.service"), new Call("StopUnit", "stubborn.service")));

            assertThat(answers).extracting(answer -> answer instanceof Refused refused && refused.knowsNone())
                    .containsExactly(true, false);
            assertThat(answers).allMatch(answer -> answer instanceof Refused);
        }
    }

    /// As systemd does when there is no room in /run.
    @Test
    void whileSystemdReadsNoFilesWhatItHasReadGoesOn() throws Exception {
        machine.run("a.service", SLEEP);
        machine.load("c.service", "[Unit]\nRequires=b.service\n" + SLEEP);
        long first = machine.until("a.service", "active/running").mainPid();
        machine.until("c.service", "inactive/dead");
        var fill = machine.path("fill");
        long room = Files.getFileStore(machine.folder).getUsableSpace();
        SystemdMachine.said("fallocate", "--length", Long.toString(room - (8 << 20)), fill.toString());
        try {
            assertThat(SystemdMachine.said("systemctl", "daemon-reload")).isNotEmpty();
            machine.run("b.service", SLEEP);
            machine.start("c.service");
            machine.until("b.service", "activating/waiting");

            machine.start(2, "a.service");
            machine.until("a.service", state -> state.sub().equals("running") && state.mainPid() != first);
            machine.stop("a.service");
            machine.until("a.service", "inactive/dead");
            assertThat(machine.state("b.service").active()).isEqualTo("activating");
            assertThat(machine.state("c.service").active()).isEqualTo("activating");
        } finally {
            Files.delete(fill);
        }

        machine.until("b.service", "active/running");
        machine.until("c.service", "active/running");
    }
}
