package io.flota.scheduler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import io.flota.daemon.FleetPlaces;
import io.flota.testing.Certificates;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Where the program serves fleet's API, asked by curl. It needs no etcd to say that it has none.
class FleetListenTest {
    private static final String NOWHERE = "http://127.0.0.1:1";
    private static final String NO_ETCD = "fleet server unable to communicate with etcd";

    /// Of a machine on which much else goes on.
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @TempDir
    Path folder;

    private final List<Process> started = new ArrayList<>();

    @AfterEach
    void end() {
        started.forEach(Process::destroyForcibly);
    }

    private Path log() {
        return folder.resolve("log");
    }

    private String logged() throws IOException {
        return Files.exists(log()) ? Files.readString(log()) : "";
    }

    private static List<String> program(String... options) {
        var command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-XX:+UseSerialGC",
                "--enable-native-access=ALL-UNNAMED", "-Dlogback.configurationFile=logback.xml", "-cp",
                System.getProperty("java.class.path"), SchedulerMain.class.getName(), "--etcd-endpoints", NOWHERE,
                "--listen-grpc", "127.0.0.1:0"));
        command.addAll(List.of(options));
        return command;
    }

    private Process start(List<String> command) throws IOException {
        var builder = new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log().toFile());
        builder.environment().keySet().removeIf(name -> name.startsWith("FLOTA_"));
        builder.environment().put("FLOTA_CONFIG", "/dev/null");
        var process = builder.start();
        started.add(process);
        return process;
    }

    private static String curl(String... arguments) throws IOException, InterruptedException {
        var command = new ArrayList<>(List.of("curl", "-sS", "--max-time", "60"));
        command.addAll(List.of(arguments));
        var process = new ProcessBuilder(command).redirectErrorStream(true).start();
        var said = new String(process.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
        process.waitFor();
        return said;
    }

    private static int freePort() throws IOException {
        try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    private void awaitServing() {
        await().atMost(PATIENCE).until(() -> logged().contains(" serves id="));
    }

    private static void ended(Process process) throws InterruptedException {
        process.destroy();
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).isZero();
    }

    @Test
    void aUnixSocketIsItsUsersAndGroupsAndASocketThatSomebodyLeftIsInNobodysWay() throws Exception {
        var socket = folder.resolve("run/fleet.sock");
        Files.createDirectories(socket.getParent());
        try (var left = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            left.bind(UnixDomainSocketAddress.of(socket));
        }
        var process = start(program("--listen", "127.0.0.1:0", "--fleet-listen", "none", "--fleet-socket", socket.toString()));
        awaitServing();

        assertThat(curl("--unix-socket", socket.toString(), "http://domain-sock/fleet/v1/units?alt=json")).contains(NO_ETCD);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(socket))).isEqualTo("rw-rw----");
        assertThat(logged()).contains("fleet=nowhere");

        var second = start(program("--listen", "127.0.0.1:0", "--fleet-listen", "none", "--fleet-socket", socket.toString()));
        assertThat(second.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(second.exitValue()).isEqualTo(1);
        assertThat(logged()).contains("cannot serve at " + socket + " (--fleet-socket): somebody else does");
        ended(process);
        assertThat(socket).doesNotExist();
    }

    @Test
    void overTcpItAsksForCertificatesWhereThereAreSome() throws Exception {
        var authority = Certificates.authority(folder, "ours");
        var own = authority.issue("scheduler");
        var stranger = Certificates.authority(folder, "others").issue("stranger");
        int port = freePort();
        String units = "https://127.0.0.1:" + port + "/fleet/v1/units";
        var process = start(program(
                "--listen", "127.0.0.1:0", "--fleet-listen", "127.0.0.1:" + port, "--tls-ca-file",
                authority.certificate().toString(), "--tls-cert-file", own.certificate().toString(), "--tls-key-file",
                own.key().toString()));
        awaitServing();

        String ca = authority.certificate().toString();
        assertThat(curl("--cacert", ca, "--cert", own.certificate().toString(), "--key", own.key().toString(), units))
                .contains(NO_ETCD);
        assertThat(curl("--cacert", ca, units)).startsWith("curl: ");
        assertThat(curl("--cacert", ca, "--cert", stranger.certificate().toString(), "--key", stranger.key().toString(), units))
                .startsWith("curl: ");
        await().until(() -> logged().contains("refused a connection listener=--fleet-listen peer=127.0.0.1:"));
        try (var mute = new Socket(InetAddress.getLoopbackAddress(), port)) {
            mute.setSoTimeout((int) PATIENCE.toMillis());
            mute.getOutputStream().write(new byte[] {22, 3, 1, 2, 0, 1}); // TLS, as far as it goes
            var trickle = Thread.startVirtualThread(() -> trickle(mute));
            assertThat(mute.getInputStream().readAllBytes()).as("until it is ended").hasSizeLessThan(100);
            trickle.interrupt();
        }
        var renewed = authority.issue("renewed");
        Files.copy(renewed.key(), own.key(), java.nio.file.StandardCopyOption.REPLACE_EXISTING);
        Files.copy(renewed.certificate(), own.certificate(), java.nio.file.StandardCopyOption.REPLACE_EXISTING);
        assertThat(curl("-v", "--cacert", ca, "--cert", own.certificate().toString(), "--key", own.key().toString(), units))
                .contains("CN=renewed").contains(NO_ETCD);
        ended(process);
    }

    /// A byte now and then, so that the connection is never idle.
    private static void trickle(Socket socket) {
        try {
            while (!Thread.currentThread().isInterrupted()) {
                socket.getOutputStream().write(0);
                java.util.concurrent.locks.LockSupport.parkNanos(Duration.ofSeconds(1).toNanos());
            }
        } catch (IOException _) {
            // The server has had enough.
        }
    }

    @Test
    void itsUsualAddressMayBeTakenButNotOneThatWasAskedFor() throws Exception {
        String host = "127.94.1.7";
        try (var taken = new ServerSocket(FleetPlaces.PORT, 1, InetAddress.getByName(host))) {
            var process = start(program("--listen", host + ":0"));
            awaitServing();
            assertThat(logged()).contains("WARN").contains("cannot listen on " + host + ":49153").contains("fleet=nowhere");
            ended(process);

            var asked = start(program("--listen", host + ":0", "--fleet-listen", host + ":" + taken.getLocalPort()));
            assertThat(asked.waitFor(60, TimeUnit.SECONDS)).isTrue();
            assertThat(asked.exitValue()).isEqualTo(1);
            assertThat(logged().lines().toList().getLast())
                    .startsWith("flota-scheduler: cannot listen on " + host + ":49153 (--fleet-listen): ");
        }
        var usual = start(program("--listen", host + ":0"));
        awaitServing();
        assertThat(curl("http://" + host + ":49153/fleet/v1/machines")).contains(NO_ETCD);
        ended(usual);
    }

    @Test
    void anAddressBeyondLoopbackAndATokenLimitThatIsNoneAreRefused() throws Exception {
        var process = start(program(
                "--listen", "127.0.0.1:0", "--fleet-listen", "0.0.0.0:0", "--fleet-token-limit", "65536", "--fleet-socket",
                "/" + "x".repeat(200)));

        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).isEqualTo(2);
        assertThat(logged())
                .contains("--fleet-listen 0.0.0.0:0 is beyond loopback")
                .contains("--fleet-token-limit 65536 is not between 1 and 65535")
                .contains("--fleet-socket /xxx");
    }

    @Test
    void whatIsNoAddressIsOneClearLine() throws Exception {
        var process = start(program("--listen", "127.0.0.1:0", "--fleet-listen", "nowhere"));

        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).isEqualTo(2);
        assertThat(logged().lines().toList().getLast()).endsWith("Invalid value for option '--fleet-listen': \"nowhere\""
                + " is not HOST:PORT, such as 127.0.0.1:4470, nor none");
    }

    @Test
    void systemdPassesASocketOfEitherKind() throws Exception {
        assumeThat(Path.of("/usr/bin/systemd-socket-activate")).exists();
        int port = freePort();
        var socket = folder.resolve("passed.sock");
        for (String place : List.of("127.0.0.1:" + port, socket.toString())) {
            var command = new ArrayList<>(List.of("/usr/bin/systemd-socket-activate", "-l", place));
            command.addAll(program("--listen", "127.0.0.1:0", "--fleet-listen", "none"));
            Files.deleteIfExists(log());
            var process = start(command);
            await().until(() -> logged().contains("Listening on "));

            var url = "http://127.0.0.1:" + port + "/fleet/v1/units";
            var answer = place.startsWith("/") ? curl("--unix-socket", place, url) : curl(url);
            assertThat(answer).as("%s", logged()).contains(NO_ETCD);
            ended(process);
        }
    }

    @Test
    void aUnixSocketOfAnybodysIsServedIfThatIsAcceptedOnly() throws Exception {
        var socket = folder.resolve("anybodys.sock");
        var options = List.of("--listen", "127.0.0.1:0", "--fleet-listen", "none", "--fleet-socket", "inherited");
        var refused = start(passing(socket, options));
        assertThat(refused.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(refused.exitValue()).isEqualTo(1);
        assertThat(logged()).contains("the socket that systemd passes (--fleet-socket) is at " + socket)
                .contains("write SocketMode=0660");

        Files.delete(socket);
        var insecure = new ArrayList<>(options);
        insecure.add("--insecure");
        var accepted = start(passing(socket, insecure));
        awaitServing();
        assertThat(curl("--unix-socket", socket.toString(), "http://fleet/fleet/v1/units")).contains(NO_ETCD);
        ended(accepted);
    }

    private static List<String> passing(Path socket, List<String> options) {
        var command = new ArrayList<>(List.of("perl", "-MIO::Socket::UNIX", "-e",
                "my $s = IO::Socket::UNIX->new(Local => $ARGV[0], Listen => 5) or die $!; chmod 0666, shift;"
                        + " open(STDIN, '<&', $s) or die $!; exec @ARGV",
                socket.toString()));
        command.addAll(program(options.toArray(String[]::new)));
        return command;
    }

    @Test
    void systemdPassesASocketAsStandardInput() throws Exception {
        int port = freePort();
        var command = new ArrayList<>(List.of("perl", "-MIO::Socket::INET", "-e",
                "my $s = IO::Socket::INET->new(LocalAddr => '127.0.0.1', LocalPort => shift, Listen => 5) or die $!;"
                        + " open(STDIN, '<&', $s) or die $!; exec @ARGV",
                Integer.toString(port)));
        command.addAll(program("--listen", "127.0.0.1:0", "--fleet-listen", "none", "--fleet-socket", "inherited"));
        var process = start(command);
        awaitServing();

        assertThat(curl("http://127.0.0.1:" + port + "/fleet/v1/units")).contains(NO_ETCD);
        ended(process);

        var nothing = start(program("--listen", "127.0.0.1:0", "--fleet-listen", "none", "--fleet-socket", "inherited"));
        assertThat(nothing.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(nothing.exitValue()).isEqualTo(1);
        assertThat(logged()).contains("systemd passes no listening socket");
    }
}
