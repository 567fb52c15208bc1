package io.flota.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/// What operators do inside units, from unitctl by a scheduler to an agent, all of it over TLS.
class InsideIT {
    private static final long MEBIBYTE = 1 << 20;
    private static final long MANY_BYTES = 100 * MEBIBYTE;
    private static final Duration LIMIT = Duration.ofMinutes(2);

    @RegisterExtension
    static final LocalCluster CLUSTER = LocalCluster.with("--machines", "1", "--tls");

    @TempDir
    private Path folder;

    @BeforeAll
    static void start() throws IOException {
        Files.writeString(CLUSTER.folder().resolve("web@.service"), "[Service]\nExecStart=/bin/sleep 100000\n");
        CLUSTER.unitctl("start", "web@1").ok();
        CLUSTER.unitctl("load", "web@2").ok();
    }

    @AfterAll
    static void stop() {
        CLUSTER.unitctl("destroy", "web@1", "web@2").ok();
    }

    @Test
    void aCommandsOutputAndStatusAreUnitctls() {
        var said = CLUSTER.unitctl("exec", "web@1", "--", "sh", "-c", "echo $FLOTA_UNIT; echo wrong >&2; exit 7");

        assertThat(said.out()).isEqualTo("web@1.service\n");
        assertThat(said.err()).isEqualTo("wrong\n");
        assertThat(said.exitCode()).isEqualTo(7);
        assertThat(CLUSTER.unitctl("exec", "web@1", "--", "sh", "-c", "kill -9 $$").exitCode()).isEqualTo(137);
        assertThat(CLUSTER.unitctl("exec", "-u", "daemon", "web@1", "--", "id", "-un").ok()).isEqualTo("daemon\n");
    }

    @Test
    void whatCannotBeDoneIsSaidInOneLine() {
        assertSays(127, "there is no program nosuch in unit web@1.service, whose PATH is ", "exec", "web@1", "--", "nosuch");
        assertSays(126, "/etc/passwd in unit web@1.service is no program", "exec", "web@1", "--", "/etc/passwd");
        assertSays(1, "unit web@9.service is not registered", "exec", "web@9", "--", "true");
        assertSays(1, "unit web@2.service is not running (inactive): start it first", "exec", "web@2", "--", "true");
        assertSays(2, "-t needs a terminal here, too", "exec", "-it", "web@1", "--", "sh");
        assertSays(1, "there is no /nosuch in unit web@1.service", "cp", "web@1:/nosuch", folder.toString());
        assertSays(1, "there is no folder /nosuch in unit web@1.service", "cp", "/etc/passwd", "web@1:/nosuch/x");
        assertSays(1, "/nosuch: no such folder", "cp", "web@1:/etc/passwd", "/nosuch/x");
        assertSays(1, "/nosuch/x: no such file", "cp", "/nosuch/x", "web@1:/tmp/");
    }

    private static void assertSays(int status, String words, String... arguments) {
        var said = CLUSTER.unitctl(arguments);
        assertThat(said.err().lines()).singleElement().asString().contains(words);
        assertThat(said.exitCode()).isEqualTo(status);
    }

    /// With as little memory as unitctl starts with, and agent and scheduler as small as before.
    @Test
    void aHundredMegabytesGoThroughBothWaysAndGatherNowhere() throws Exception {
        long before = peak("scheduler-1") + peak("machine-1");

        var copied = shell("head -c " + MANY_BYTES + " /dev/urandom | tee >(sha256sum > sent)"
                + " | unitctl exec -i web@1 -- cat | sha256sum > received");

        assertThat(copied.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS)).isTrue();
        assertThat(copied.exitValue()).isZero();
        await().until(() -> Files.size(folder.resolve("sent")) > 0);
        assertThat(folder.resolve("received")).hasSameTextualContentAs(folder.resolve("sent"));
        assertThat(peak("scheduler-1") + peak("machine-1") - before).isLessThan(70 * MEBIBYTE);
    }

    /// The most memory that a daemon has had, in bytes.
    private static long peak(String node) throws IOException {
        return Files.readAllLines(Path.of("/proc/" + CLUSTER.node(node).pid() + "/status")).stream()
                .filter(line -> line.startsWith("VmHWM:"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) * 1024)
                .findFirst()
                .orElseThrow();
    }

    @Test
    void aReaderThatGoesEndsTheCommand() throws Exception {
        var cut = shell("unitctl exec web@1 -- sh -c 'echo $$; exec yes' | head -n 2 > said");

        assertThat(cut.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS)).isTrue();
        var pid = Files.readAllLines(folder.resolve("said")).getFirst();
        await().until(() -> ProcessHandle.of(Long.parseLong(pid)).filter(ProcessHandle::isAlive).isEmpty());
    }

    /// A unitctl with a heap of 24 MB.
    private Process shell(String line) throws IOException {
        var builder = new ProcessBuilder("bash", "-o", "pipefail", "-c", line)
                .directory(folder.toFile())
                .redirectInput(Redirect.from(new java.io.File("/dev/null")))
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("shell").toFile());
        builder.environment().putAll(CLUSTER.unitctl().environment());
        builder.environment().put("UNITCTL_JAVA_OPTIONS", "-Xmx24m");
        builder.environment().merge("PATH", Unitctl.home().resolve("bin").toString(), (old, bin) -> bin + ":" + old);
        return builder.start();
    }

    @Test
    void filesComeAndGoWithTheirModes() throws IOException {
        var there = Files.createDirectory(folder.resolve("there"));
        var sent = Files.createDirectory(folder.resolve("sent"));
        Files.writeString(sent.resolve("tool"), "#!/bin/sh\n");
        assertThat(sent.resolve("tool").toFile().setExecutable(true, false)).isTrue();
        Files.createSymbolicLink(sent.resolve("link"), Path.of("tool"));

        CLUSTER.unitctl("cp", sent.toString(), "web@1:" + there).ok();
        CLUSTER.unitctl("cp", sent.resolve("tool").toString(), "web@1:" + there.resolve("renamed")).ok();
        CLUSTER.unitctl("cp", "web@1:" + there, folder.resolve("back").toString()).ok();

        assertThat(there.resolve("sent/tool")).isExecutable().hasContent("#!/bin/sh\n");
        assertThat(there.resolve("renamed")).isExecutable();
        assertThat(folder.resolve("back/sent/tool")).isExecutable().hasContent("#!/bin/sh\n");
        assertThat(Files.readSymbolicLink(folder.resolve("back/sent/link"))).isEqualTo(Path.of("tool"));
        try (var names = Files.list(folder)) {
            assertThat(names.map(name -> name.getFileName().toString())).containsExactlyInAnyOrder("there", "sent", "back");
        }
    }

    @Test
    void aTerminalIsTheUnitsUntilTheEndAndThenTheOperatorsAgain() throws Exception {
        try (var terminal = new Tmux(folder, CLUSTER.unitctl().environment())) {
            terminal.type("stty -g > before; unitctl exec -it web@1 -- sh; echo code $?; stty -g > after; echo d''one");
            terminal.type("echo in $FLOTA_UNIT; stty size");
            terminal.untilShown("in web@1\\.service\n24 80\n");
            terminal.resize(101, 33);
            await().until(() -> {
                terminal.type("stty size");
                return terminal.shows("\n33 101\n");
            });
            terminal.type("echo st''arted; sleep 1000");
            terminal.untilShown("started\n");
            terminal.press("C-c");
            terminal.type("echo status $?");
            terminal.untilShown("status 130\n");
            terminal.type("exit 42");
            terminal.untilShown("code 42\n(.*\n)*done\n");
            assertThat(folder.resolve("after")).hasSameTextualContentAs(folder.resolve("before"));
        }
    }

    @Test
    void aTerminalIsTheOperatorsAgainWhateverEndsUnitctl() throws Exception {
        try (var terminal = new Tmux(folder, CLUSTER.unitctl().environment())) {
            terminal.type("stty -g > before");
            for (var signal : new String[] {"TERM", "KILL"}) {
                visit(terminal, signal);
                var pid = terminal.lastOf("pid (\\d+)\n");

                assertThat(new ProcessBuilder("kill", "-" + signal, pid).start().waitFor()).isZero();

                await().until(() -> ProcessHandle.of(Long.parseLong(pid)).isEmpty());
                assertIsRight(terminal);
            }
            visit(terminal, "lost");
            try {
                CLUSTER.kill("scheduler-1");

                terminal.untilShown("the scheduler at .* closed the connection before it had answered\n");
                assertIsRight(terminal);
            } finally {
                CLUSTER.local("up").ok();
            }
        }
    }

    /// Shows the process id of a unitctl, and that it is inside.
    private static void visit(Tmux terminal, String word) throws IOException {
        terminal.type("(echo pid $BASHPID; exec unitctl exec -it web@1 -- sh -c 'echo in''side " + word + "; cat')");
        terminal.untilShown("inside " + word + "\n");
    }

    /// A shell keeps watch over it, and comes a moment after unitctl has gone; what is typed meanwhile may be lost.
    private void assertIsRight(Tmux terminal) throws IOException {
        Files.deleteIfExists(folder.resolve("after"));
        await().pollInterval(Duration.ofMillis(300)).untilAsserted(() -> {
            terminal.press("C-c");
            terminal.type("stty -g > after");
            assertThat(folder.resolve("after")).hasSameTextualContentAs(folder.resolve("before"));
        });
    }
}
