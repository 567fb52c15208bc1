package io.flota.agent.runtime.exec;

import static io.flota.agent.runtime.inside.Visitor.as;
import static io.flota.agent.runtime.inside.Visitor.command;
import static io.flota.agent.runtime.inside.Visitor.end;
import static io.flota.agent.runtime.inside.Visitor.onTerminal;
import static io.flota.agent.runtime.inside.Visitor.type;
import static io.flota.agent.runtime.inside.Visitor.untilShown;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import io.flota.agent.runtime.Errand;
import io.flota.agent.runtime.Errand.Size;
import io.flota.agent.runtime.NotEnteredException;
import io.flota.agent.runtime.NotEnteredException.Cause;
import io.flota.agent.runtime.inside.Visitor;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// What is done inside units of the exec runtime.
class VisitTest extends MachineTest {
    private static final String UNIT = "web.service";

    private Visitor visitor;

    @BeforeEach
    void visit() {
        visitor = new Visitor(units.runtime, UNIT);
    }

    private void run(String more) throws Exception {
        units.run(UNIT, "[Service]\nExecStart=/bin/sleep 1000\n" + more);
        units.until(UNIT, "active/running");
    }

    private void runProgram(String program) throws Exception {
        units.run(UNIT, "[Service]\nExecStart=" + program + "\n");
        units.until(UNIT, "active/running");
    }

    @Test
    void inputOutputErrorAndExitStatusAreTheCommandsOwn() throws Exception {
        run("");

        var outcome = visitor.outcome(command("sh", "-c", "cat; echo wrong >&2; exit 7"), "hello\n");

        assertThat(outcome).isEqualTo(new Visitor.Outcome(7, "hello\n", "wrong\n"));
    }

    @Test
    void oneThatASignalEndsHasTheStatusOfAShell() throws Exception {
        run("");

        assertThat(visitor.outcome(command("sh", "-c", "kill -9 $$"), "").status()).isEqualTo(137);
    }

    @Test
    void theMainProcessGivesEnvironmentAndFolderButNotWhatIsItsOwn() throws Exception {
        run("Type=simple\nEnvironment=COLOUR=red\nWorkingDirectory=/tmp\nUser=nobody\n");

        var variables = visitor.said("pwd; env");

        assertThat(variables.lines())
                .contains("/tmp", "COLOUR=red", "FLOTA_UNIT=" + UNIT, "HOME=/root")
                .noneMatch(line -> line.startsWith("NOTIFY_SOCKET=") || line.startsWith("TERM="));
        assertThat(visitor.said("id -un")).isEqualTo("root");
    }

    @Test
    void anotherUserHasItsGroupsAndItsHome() throws Exception {
        run("");

        var outcome = visitor.outcome(as("daemon", "sh", "-c", "id -un; id -gn; echo $HOME"), "");

        assertThat(outcome.output()).isEqualTo("daemon\ndaemon\n/usr/sbin\n");
        assertThat(visitor.outcome(as("54321", "id", "-u"), "").output()).isEqualTo("54321\n");
        assertThat(refused(as("nosuchuser", "id")).getMessage())
                .isEqualTo("there is no user nosuchuser in unit web.service");
    }

    @Test
    void itIsCountedLimitedAndEndedWithTheUnit() throws Exception {
        run("");
        try (var session = visitor.enter(command("sleep", "1000"))) {
            var main = units.state(UNIT).mainPid();
            await().atMost(Units.HOPELESS).until(() -> units.runtime.details(Units.name(UNIT)).orElseThrow().processes().size() == 2);
            for (var member : units.runtime.details(Units.name(UNIT)).orElseThrow().processes()) {
                assertThat(groups(member.pid())).isEqualTo(groups(main));
            }
            assertThat(groups(main)).isNotEqualTo(groups(ProcessHandle.current().pid()));

            units.stop(UNIT);

            assertThat(end(session)).isIn(143, 137);
        }
    }

    private static String groups(long pid) throws Exception {
        return Files.readString(Path.of("/proc/" + pid + "/cgroup"));
    }

    @Test
    void theNamespacesOfTheMainProcessAreEntered() throws Exception {
        var ready = units.path("ready");
        runProgram("/usr/bin/unshare --mount --uts --ipc --pid --fork --mount-proc "
                + units.script("hostname inside.example\nmount -t tmpfs none /mnt\necho here > /mnt/file\n"
                        + "echo ready > " + ready + "\nexec sleep 1000\n"));
        units.untilLine(ready);

        assertThat(visitor.said("hostname; cat /mnt/file")).isEqualTo("inside.example\nhere");
        assertThat(Path.of("/mnt/file")).doesNotExist();
    }

    @Test
    void aUnitWithARootOfItsOwnIsSearchedThere() throws Exception {
        var root = units.path("root");
        for (var folder : new String[] {"bin", "etc", "tmp", "data"}) {
            Files.createDirectories(root.resolve(folder));
        }
        Files.writeString(root.resolve("etc/passwd"), "app:x:4711:4712::/data:/bin/sh\n");
        Files.writeString(root.resolve("data/secret"), "inside\n");
        Files.createSymbolicLink(root.resolve("bin/link"), Path.of("/bin/busybox"));
        Files.createSymbolicLink(root.resolve("etc/shadow"), Path.of("/data/secret"));
        Files.copy(Path.of("/bin/busybox"), root.resolve("bin/busybox"));
        for (var name : new String[] {"sleep", "cat", "id", "tar"}) {
            Files.createSymbolicLink(root.resolve("bin/" + name), Path.of("/bin/busybox"));
        }
        runProgram("/usr/sbin/chroot " + root + " /bin/sleep 1000");
        await().atMost(Units.HOPELESS).until(() -> Files.isSameFile(
                Path.of("/proc/" + units.state(UNIT).mainPid() + "/root"), root));

        assertThat(visitor.outcome(command("cat", "/etc/shadow"), "").output()).isEqualTo("inside\n");
        assertThat(visitor.outcome(as("app", "id"), "").output()).contains("uid=4711").contains("gid=4712");
        assertThat(refused(command("sh")).lacking()).isEqualTo(Cause.PROGRAM);
        assertThat(visitor.outcome(new Errand.Read("/etc/shadow"), "").output()).contains("inside");
        assertThat(refused(new Errand.Read("/etc/hostname")).lacking()).isEqualTo(Cause.NAME);
    }

    @Test
    void whatCannotBeBegunSaysWhyInOneLine() throws Exception {
        assertThat(refused(command("true")).getMessage()).isEqualTo("unit web.service is not on this machine");
        units.load(UNIT, "[Service]\nExecStart=/bin/sleep 1000\n");
        assertThat(refused(command("true")).getMessage())
                .isEqualTo("unit web.service is not running (inactive): start it first");
        units.start(UNIT);
        units.until(UNIT, "active/running");

        var missing = refused(command("nosuchprogram"));
        assertThat(missing.lacking()).isEqualTo(Cause.PROGRAM);
        assertThat(missing.getMessage())
                .startsWith("there is no program nosuchprogram in unit web.service, whose PATH is /usr");
        assertThat(refused(command("/nosuch/program")).getMessage())
                .isEqualTo("there is no program /nosuch/program in unit web.service");
        var plain = refused(command("/etc/passwd"));
        assertThat(plain.lacking()).isEqualTo(Cause.EXECUTABLE);
        assertThat(plain.getMessage()).isEqualTo("/etc/passwd in unit web.service is no program that may be run");
        assertThat(refused(new Errand.Read("/nosuch/file")).getMessage())
                .isEqualTo("there is no /nosuch/file in unit web.service");
        assertThat(refused(new Errand.Write("/nosuch/file")).getMessage())
                .isEqualTo("there is no folder /nosuch in unit web.service");
        assertThat(refused(new Errand.Write("/tmp/nosuch/")).getMessage())
                .isEqualTo("there is no folder /tmp/nosuch in unit web.service");
    }

    private NotEnteredException refused(Errand errand) {
        var refusal = catchThrowableOfType(NotEnteredException.class, () -> visitor.enter(errand).close());
        assertThat(refusal).as("%s is refused", errand).isNotNull();
        return refusal;
    }

    @Test
    void aTerminalHasASizeThatChangesAndHandsOnCtrlC() throws Exception {
        run("");
        try (var session = visitor.enter(onTerminal("sh"))) {
            type(session, "stty size; echo $TERM\n");
            untilShown(session, "24 80\\s+vt100");

            session.resize(new Size(100, 40));
            type(session, "stty size\n");
            untilShown(session, "40 100");

            type(session, "echo o''k; sleep 1000\n");
            untilShown(session, "ok");
            type(session, "\u0003");
            type(session, "echo back $?\n");
            untilShown(session, "back 130");

            type(session, "exit 3\n");
            assertThat(end(session)).isEqualTo(3);
            while (session.output().read() >= 0) {
                // the rest of what was shown
            }
        }
    }

    @Test
    void allThatATerminalShowedIsReadToItsEnd() throws Exception {
        run("");
        for (int i = 0; i < 20; i++) {
            var outcome = onTerminalOutcome("seq 2000");
            assertThat(outcome).endsWith("1999\r\n2000\r\n");
            assertThat(outcome.lines()).hasSize(2000);
        }
    }

    private String onTerminalOutcome(String line) throws Exception {
        try (var session = visitor.enter(onTerminal("sh", "-c", line))) {
            return new String(session.output().readAllBytes());
        }
    }

    @Test
    void whoeverClosesASessionEndsWhatRunsInIt() throws Exception {
        run("");
        for (var errand : new Errand[] {
            command("sh", "-c", "trap '' HUP; sleep 1000 & echo $!; sleep 1001"),
            onTerminal("sh", "-c", "trap '' HUP; sleep 1000 & echo $!; sleep 1001")
        }) {
            long pid;
            try (var session = visitor.enter(errand)) {
                pid = Long.parseLong(untilShown(session, "\\d+\\s").strip());
                assertThat(Units.isAlive(pid)).isTrue();
            }
            await().atMost(Units.HOPELESS).until(() -> !Units.isAlive(pid));
        }
        assertThat(units.state(UNIT).active()).isEqualTo("active");
    }

    @Test
    void whatACommandLeavesBehindRunsOnAndEndsWithTheUnit() throws Exception {
        run("");
        long pid;
        try (var session = visitor.enter(command("sh", "-c", "sleep 1000 >/dev/null 2>&1 & echo $!"))) {
            pid = Long.parseLong(untilShown(session, "\\d+\\s").strip());
            assertThat(end(session)).isZero();
        }
        assertThat(Units.isAlive(pid)).isTrue();

        units.stop(UNIT);

        await().atMost(Units.HOPELESS).until(() -> !Units.isAlive(pid));
    }

    @Test
    void filesComeAndGoAsTarsWithTheirModes() throws Exception {
        run("");
        var from = Files.createDirectories(units.path("from/folder"));
        Files.writeString(from.resolve("tool"), "#!/bin/sh\n");
        Files.setPosixFilePermissions(from.resolve("tool"), PosixFilePermissions.fromString("rwxr-x--x"));
        var to = Files.createDirectories(units.path("to"));

        byte[] tar;
        try (var session = visitor.enter(new Errand.Read(from.toString()))) {
            tar = session.output().readAllBytes();
            assertThat(end(session)).isZero();
        }
        try (var session = visitor.enter(new Errand.Write(to.toString()))) {
            assertThat(session.entry()).contains("");
            try (var input = session.input()) {
                input.write(tar);
            }
            assertThat(end(session)).isZero();
        }

        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(to.resolve("folder/tool"))))
                .isEqualTo("rwxr-x--x");
        try (var session = visitor.enter(new Errand.Write(to.resolve("other").toString()))) {
            assertThat(session.entry()).contains("other");
        }
    }
}
