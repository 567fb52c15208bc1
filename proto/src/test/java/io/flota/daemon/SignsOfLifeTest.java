package io.flota.daemon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.flota.loop.World;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Against a real datagram socket, which perl listens on.
class SignsOfLifeTest {
    private static final Duration LIMIT = Duration.ofSeconds(30);
    private static final long PID = 4711;
    private static final String LISTENER = """
            use Socket; $| = 1;
            my $name = shift; $name =~ s/^@/\\0/;
            socket(my $s, AF_UNIX, SOCK_DGRAM, 0) or die "$!";
            bind($s, pack_sockaddr_un($name)) or die "$!";
            print "listens\\n";
            while (defined(recv($s, my $message, 4096, 0))) { print "$message\\n" }
            """;

    @TempDir
    Path folder;

    private Process listener;

    @AfterEach
    void end() throws InterruptedException {
        if (listener != null) {
            listener.destroyForcibly().waitFor();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"path", "abstract name"})
    void saysThatTheDaemonIsReady(String kind) throws Exception {
        var socket = kind.equals("path") ? folder.resolve("notify").toString() : "@flota-test" + folder;
        listen(socket);

        try (var _ = SignsOfLife.ready(World.REAL, Map.of("NOTIFY_SOCKET", socket), PID)) {
            await().atMost(LIMIT).untilAsserted(() -> assertThat(heard()).containsExactly("READY=1"));
        }
    }

    @Test
    void saysAgainAndAgainThatTheDaemonLivesIfTheManagerWaitsForThat() throws Exception {
        var socket = folder.resolve("notify").toString();
        listen(socket);

        try (var _ = SignsOfLife.ready(
                World.REAL, Map.of("NOTIFY_SOCKET", socket, "WATCHDOG_USEC", "20000", "WATCHDOG_PID", "4711"), PID)) {
            await().atMost(LIMIT).untilAsserted(() -> assertThat(heard())
                    .startsWith("READY=1", "WATCHDOG=1", "WATCHDOG=1", "WATCHDOG=1"));
        }
    }

    @Test
    void saysHowLongTheEndMayTake() throws Exception {
        var socket = folder.resolve("notify").toString();
        listen(socket);

        try (var signs = SignsOfLife.ready(World.REAL, Map.of("NOTIFY_SOCKET", socket), PID)) {
            signs.ending(Duration.ofMinutes(10));

            await().atMost(LIMIT).untilAsserted(() ->
                    assertThat(heard()).containsExactly("READY=1", "STOPPING=1", "EXTEND_TIMEOUT_USEC=630000000"));
        }
    }

    @Test
    void doesNotBeatForAnotherProcess() throws Exception {
        var socket = folder.resolve("notify").toString();
        listen(socket);

        try (var _ = SignsOfLife.ready(
                World.REAL, Map.of("NOTIFY_SOCKET", socket, "WATCHDOG_USEC", "1000", "WATCHDOG_PID", "1"), PID)) {
            SignsOfLife.ready(World.REAL, Map.of("NOTIFY_SOCKET", socket), PID).close();
            await().atMost(LIMIT).untilAsserted(() -> assertThat(heard()).containsExactly("READY=1", "READY=1"));
        }
    }

    @Test
    void tellsNobodyWhereThereIsNoManager() throws Exception {
        SignsOfLife.ready(World.REAL, Map.of("WATCHDOG_USEC", "1000"), PID).close();
        SignsOfLife.ready(World.REAL, Map.of("NOTIFY_SOCKET", ""), PID).close();
    }

    @Test
    void aManagerThatDoesNotListenIsAnErrorWithItsAddress() {
        assertThatThrownBy(() ->
                        SignsOfLife.ready(World.REAL, Map.of("NOTIFY_SOCKET", folder + "/nobody"), PID))
                .isInstanceOf(IOException.class)
                .hasMessage("nobody hears at NOTIFY_SOCKET=" + folder + "/nobody");
    }

    @Test
    void variablesThatNoManagerSetsAreRefused() {
        assertThatThrownBy(() -> SignsOfLife.ready(World.REAL, Map.of("NOTIFY_SOCKET", "notify"), PID))
                .hasMessage("NOTIFY_SOCKET=notify is neither a path nor @NAME");
        assertThatThrownBy(() -> SignsOfLife.ready(
                        World.REAL, Map.of("NOTIFY_SOCKET", folder + "/x", "WATCHDOG_USEC", "1s"), PID))
                .hasMessage("WATCHDOG_USEC=1s is not a number of microseconds");
    }

    private void listen(String socket) throws IOException {
        listener = new ProcessBuilder("perl", "-e", LISTENER, socket)
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("heard").toFile())
                .start();
        await().atMost(LIMIT).until(() -> Files.readString(folder.resolve("heard")).startsWith("listens\n"));
    }

    private List<String> heard() throws IOException {
        var lines = Files.readString(folder.resolve("heard"), StandardCharsets.UTF_8).lines().toList();
        return lines.subList(1, lines.size());
    }
}
