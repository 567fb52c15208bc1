package io.flota.testing;

import static org.awaitility.Awaitility.await;

import com.google.common.io.MoreFiles;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;

/// A real etcd member on free loopback ports, with its data in a temporary folder.
public final class EtcdServer implements AutoCloseable {
    private static final Duration START_LIMIT = Duration.ofSeconds(30);
    private static final Set<EtcdServer> OPEN = ConcurrentHashMap.newKeySet();

    static {
        Runtime.getRuntime().addShutdownHook(new Thread(() -> OPEN.forEach(EtcdServer::close)));
    }

    /// Where a member listens: a loopback address that is its own, so that no two meet on a port.
    ///
    /// @param scheme of the client port
    /// @param host of the client port; certificates are made for 127.0.0.1 only
    record Ports(String scheme, String host, int client, String own) {
        private static final int CLIENT = 2379;

        static Ports free(String scheme) {
            var own = ownAddress();
            return scheme.equals("https")
                    ? new Ports(scheme, "127.0.0.1", freePort(), own)
                    : new Ports(scheme, own, CLIENT, own);
        }

        URI clientUrl() {
            return URI.create(scheme + "://" + host + ":" + client);
        }

        String peerUrl() {
            return "http://" + own + ":2380";
        }

        String metricsUrl() {
            return "http://" + own + ":2381";
        }

        private static String ownAddress() {
            var random = ThreadLocalRandom.current();
            return "127." + random.nextInt(128, 255) + "." + random.nextInt(256) + "." + random.nextInt(1, 255);
        }
    }

    private final Ports ports;
    private final Path folder;
    private final List<String> command;
    private Optional<Process> process = Optional.empty();

    EtcdServer(String name, Ports ports, List<String> flags) {
        this.ports = ports;
        this.folder = temporaryFolder();
        this.command = new ArrayList<>(List.of(
                "etcd", "--name", name, "--data-dir", folder.resolve("data").toString(),
                "--listen-client-urls", ports.clientUrl().toString(),
                "--advertise-client-urls", ports.clientUrl().toString(),
                "--listen-peer-urls", ports.peerUrl(),
                "--initial-advertise-peer-urls", ports.peerUrl(),
                "--listen-metrics-urls", ports.metricsUrl(),
                "--logger", "zap", "--log-level", "warn"));
        command.addAll(flags);
        OPEN.add(this);
    }

    /// One member that is a cluster by itself, ready to serve.
    public static EtcdServer start() {
        return start("http");
    }

    /// @param scheme of the client port, `http` or `https`
    /// @param flags added to etcd's command line
    public static EtcdServer start(String scheme, String... flags) {
        var ports = Ports.free(scheme);
        var all = new ArrayList<>(List.of(flags));
        all.addAll(List.of("--initial-cluster", "one=" + ports.peerUrl()));
        var server = new EtcdServer("one", ports, all);
        server.launch();
        server.awaitReady();
        return server;
    }

    /// So many members that are one cluster, ready to serve.
    public static EtcdCluster cluster(int size) {
        return EtcdCluster.start(size);
    }

    public URI endpoint() {
        return ports.clientUrl();
    }

    public long pid() {
        return running().pid();
    }

    /// SIGKILL. The data stays.
    public void kill() {
        running().destroyForcibly();
        running().onExit().join();
        process = Optional.empty();
    }

    /// Starts a killed member, or kills and starts a running one, on the same data and ports; ready on return.
    public void restart() {
        launchAgain();
        awaitReady();
    }

    /// SIGSTOP: connections stay open, nothing answers.
    public void pause() {
        signal("STOP");
    }

    public void resume() {
        signal("CONT");
    }

    /// Forgets all history before a revision.
    public void compact(long revision) {
        etcdctl("compact", Long.toString(revision));
    }

    /// From now on etcd answers nobody but the user `root`.
    public void requireLogin(String password) {
        etcdctl("user", "add", "root:" + password);
        etcdctl("user", "grant-role", "root", "root");
        etcdctl("auth", "enable");
    }

    @Override
    public void close() {
        OPEN.remove(this);
        if (process.isPresent()) {
            kill();
        }
        delete(folder);
    }

    void launchAgain() {
        if (process.isPresent()) {
            kill();
        }
        launch();
    }

    void launch() {
        try {
            process = Optional.of(new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.appendTo(log().toFile()))
                    .start());
        } catch (IOException e) {
            close();
            throw new IllegalStateException("cannot start etcd (" + e.getMessage()
                    + "); install it, on Debian: apt-get install etcd-server", e);
        }
    }

    void awaitReady() {
        try {
            await().atMost(START_LIMIT)
                    .pollInterval(Duration.ofMillis(20))
                    .until(() -> !running().isAlive() || healthy());
            if (!running().isAlive()) {
                throw new IllegalStateException("etcd ended at its start with " + running().exitValue());
            }
        } catch (RuntimeException e) {
            var said = said();
            close();
            throw new IllegalStateException("etcd did not become ready: " + e.getMessage() + "\n" + said, e);
        }
    }

    private Process running() {
        return process.orElseThrow(() -> new IllegalStateException("etcd at " + endpoint() + " is not running"));
    }

    private boolean healthy() {
        try {
            var health = URI.create(ports.metricsUrl() + "/health").toURL().openConnection();
            health.setConnectTimeout(1000);
            health.setReadTimeout(1000);
            try (var in = health.getInputStream()) {
                return new String(in.readAllBytes(), StandardCharsets.UTF_8).contains("\"true\"");
            }
        } catch (IOException _) {
            return false; // not yet
        }
    }

    private void signal(String name) {
        run("kill", "-" + name, Long.toString(pid()));
    }

    private void etcdctl(String... arguments) {
        var line = new ArrayList<>(List.of("etcdctl", "--endpoints", endpoint().toString()));
        line.addAll(List.of(arguments));
        run(line.toArray(String[]::new));
    }

    private void run(String... line) {
        try {
            var helper = new ProcessBuilder(line)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.appendTo(log().toFile()));
            helper.environment().put("ETCDCTL_API", "3");
            int exit = helper.start().waitFor();
            if (exit != 0) {
                throw new IllegalStateException(String.join(" ", line) + " failed with " + exit + "\n" + said());
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }

    private Path log() {
        return folder.resolve("etcd.log");
    }

    private String said() {
        try {
            return Files.readString(log());
        } catch (IOException e) {
            return "(no output: " + e.getMessage() + ")";
        }
    }

    /// Below the range that the kernel takes for outgoing connections, so that nobody sits on it after a kill.
    private static int freePort() {
        while (true) {
            int port = ThreadLocalRandom.current().nextInt(12_000, 32_000);
            try (var socket = new ServerSocket()) {
                socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
                return port;
            } catch (IOException _) {
                // taken; the next one
            }
        }
    }

    private static Path temporaryFolder() {
        try {
            return Files.createTempDirectory("flota-etcd");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void delete(Path folder) {
        try {
            MoreFiles.deleteRecursively(folder);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
