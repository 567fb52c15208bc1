package io.flota.agent.runtime.systemd;

import static io.flota.agent.runtime.inside.Visitor.as;
import static io.flota.agent.runtime.inside.Visitor.command;
import static io.flota.agent.runtime.inside.Visitor.end;
import static io.flota.agent.runtime.inside.Visitor.onTerminal;
import static io.flota.agent.runtime.inside.Visitor.type;
import static io.flota.agent.runtime.inside.Visitor.untilShown;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.flota.agent.runtime.Errand;
import io.flota.agent.runtime.NotEnteredException;
import io.flota.agent.runtime.inside.Visitor;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// What is done inside units of systemd.
class SystemdVisitTest extends OnSystemd {
    private static final String UNIT = "visited.service";

    private Visitor visitor;

    @BeforeEach
    void visit() {
        visitor = new Visitor(machine.runtime, UNIT);
    }

    private void run(String more) throws Exception {
        machine.run(UNIT, "[Service]\nExecStart=/bin/sleep 1000\n" + more);
        machine.until(UNIT, "active/running");
    }

    @Test
    void itSeesWhatTheUnitSees() throws Exception {
        run("PrivateTmp=yes\nPrivateNetwork=yes\nProtectHome=yes\nUser=nobody\nEnvironment=COLOUR=red\n"
                + "WorkingDirectory=/usr\nType=exec\n");

        assertThat(visitor.said("echo mine > /tmp/flota-visit; cat /tmp/flota-visit")).isEqualTo("mine");
        assertThat(Path.of("/tmp/flota-visit")).doesNotExist();
        assertThat(visitor.said("cat /proc/net/dev | tail -n +3 | wc -l")).isEqualTo("1");
        assertThat(visitor.said("pwd; echo $COLOUR; id -un; ls /root | wc -l").lines())
                .containsExactly("/usr", "red", "root", "0");
        assertThat(visitor.outcome(as("daemon", "id", "-un"), "").output()).isEqualTo("daemon\n");
        assertThat(visitor.said("env | grep -c -e NOTIFY_SOCKET -e MAINPID -e JOURNAL_STREAM || true")).isEqualTo("0");
        assertThat(new String(tar(new Errand.Read("/tmp/flota-visit")))).contains("mine");
    }

    private byte[] tar(Errand errand) throws Exception {
        try (var session = visitor.enter(errand)) {
            var bytes = session.output().readAllBytes();
            assertThat(end(session)).isZero();
            return bytes;
        }
    }

    @Test
    void itIsCountedAndEndedWithTheUnit() throws Exception {
        run("");
        try (var session = visitor.enter(command("sleep", "1001"))) {
            await().atMost(SystemdMachine.HOPELESS).until(() ->
                    machine.runtime.details(SystemdMachine.name(UNIT)).orElseThrow().processes().size() == 2);
            for (var member : machine.runtime.details(SystemdMachine.name(UNIT)).orElseThrow().processes()) {
                assertThat(Files.readString(Path.of("/proc/" + member.pid() + "/cgroup"))).contains("/" + UNIT);
            }

            machine.stop(UNIT);

            assertThat(end(session)).isEqualTo(143);
        }
    }

    @Test
    void aTerminalHandsOnCtrlC() throws Exception {
        run("");
        try (var session = visitor.enter(onTerminal("sh"))) {
            type(session, "stty size; echo o''k; sleep 1000\n");
            untilShown(session, "24 80\\s+ok");
            type(session, "\u0003");
            type(session, "echo back $?\n");
            untilShown(session, "back 130");
            type(session, "exit 5\n");
            assertThat(end(session)).isEqualTo(5);
        }
    }

    @Test
    void aUnitOfTheMachinesOwnIsNotEntered() {
        assertThatThrownBy(() -> new Visitor(machine.runtime, "dbus.service").enter(command("true")))
                .isInstanceOf(NotEnteredException.class)
                .hasMessage("unit dbus.service is not on this machine");
    }
}
