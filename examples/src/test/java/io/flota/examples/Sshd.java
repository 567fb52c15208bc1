package io.flota.examples;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;

/// A real sshd on all addresses of this computer, with a host key and settings of its own, that lets in who has the one
/// key of its ssh-agent. Gone afterwards.
final class Sshd implements AutoCloseable {
    private static final Path PROGRAM = Path.of("/usr/sbin/sshd");
    /// Where root's sshd wants an empty folder; boots make it.
    private static final Path PRIVILEGES = Path.of("/run/sshd");

    private final Path folder;
    private final int port;
    private final List<Process> processes = new ArrayList<>();
    private boolean madePrivileges;

    private Sshd(Path folder, int port) {
        this.folder = folder;
        this.port = port;
    }

    static boolean isInstalled() {
        return Files.isExecutable(PROGRAM) && Files.isExecutable(Path.of("/usr/bin/ssh-agent"));
    }

    static Sshd start() throws IOException, InterruptedException {
        var sshd = new Sshd(Files.createTempDirectory("flota-sshd"), freePort());
        try {
            sshd.makeKeys();
            sshd.startDaemon();
            sshd.startAgent();
            return sshd;
        } catch (IOException | InterruptedException | RuntimeException failed) {
            sshd.close();
            throw failed;
        }
    }

    int port() {
        return port;
    }

    Path knownHosts() {
        return folder.resolve("known_hosts");
    }

    /// As whom one logs in.
    static String user() {
        return System.getProperty("user.name");
    }

    /// What has `ssh` find the key.
    Map<String, String> environment() {
        return Map.of("SSH_AUTH_SOCK", agentSocket().toString());
    }

    /// The host's key, as ssh remembers it.
    void trust(String... hosts) throws IOException {
        var key = Files.readString(folder.resolve("host.pub"));
        var lines = new StringBuilder();
        for (String host : hosts) {
            lines.append('[').append(host).append("]:").append(port).append(' ').append(key);
        }
        Files.writeString(knownHosts(), lines);
    }

    /// Trusts another host than the one that is there.
    void trustAnother(String host) throws IOException {
        Files.writeString(
                knownHosts(), "[" + host + "]:" + port + " " + Files.readString(folder.resolve("client.pub")));
    }

    private Path agentSocket() {
        return folder.resolve("agent");
    }

    private void makeKeys() throws IOException, InterruptedException {
        for (String name : List.of("host", "client")) {
            run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", folder.resolve(name).toString());
        }
        Files.copy(folder.resolve("client.pub"), folder.resolve("authorized_keys"));
    }

    private void startDaemon() throws IOException {
        if (!Files.exists(PRIVILEGES) && user().equals("root")) {
            Files.createDirectory(PRIVILEGES);
            madePrivileges = true;
        }
        var settings = folder.resolve("sshd_config");
        Files.writeString(settings, """
                Port %d
                HostKey %s/host
                AuthorizedKeysFile %s/authorized_keys
                PidFile none
                StrictModes no
                UsePAM no
                PermitRootLogin yes
                PasswordAuthentication no
                """.formatted(port, folder, folder));
        var log = folder.resolve("log").toFile();
        processes.add(new ProcessBuilder(PROGRAM.toString(), "-D", "-e", "-f", settings.toString())
                .redirectErrorStream(true)
                .redirectOutput(log)
                .start());
        Awaitility.await().atMost(Duration.ofSeconds(20)).ignoreExceptions().until(() -> {
            try (var socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
                return socket.isConnected();
            }
        });
    }

    private void startAgent() throws IOException, InterruptedException {
        processes.add(new ProcessBuilder("ssh-agent", "-D", "-a", agentSocket().toString())
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("agent.log").toFile())
                .start());
        Awaitility.await().atMost(Duration.ofSeconds(20)).until(() -> Files.exists(agentSocket()));
        run("ssh-add", "-q", folder.resolve("client").toString());
    }

    private void run(String... command) throws IOException, InterruptedException {
        var builder = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("said").toFile());
        builder.environment().putAll(environment());
        var process = builder.start();
        if (!process.waitFor(20, TimeUnit.SECONDS) || process.exitValue() != 0) {
            process.destroyForcibly();
            throw new IOException(String.join(" ", command) + " failed: " + Files.readString(folder.resolve("said")));
        }
    }

    private static int freePort() throws IOException {
        try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    @Override
    public void close() throws IOException {
        for (Process process : processes) {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
        }
        if (madePrivileges) {
            Files.deleteIfExists(PRIVILEGES);
        }
        try (var files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }
}
