package io.flota.agent.socket;

import io.flota.agent.announce.Sidecars;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.unixdomain.server.UnixDomainServerConnector;
import org.eclipse.jetty.util.thread.QueuedThreadPool;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The agent's HTTP server for its own machine, at a unix socket that only the agent's user and group may use.
public final class AgentSocket implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(AgentSocket.class);
    /// What the kernel takes, without the zero at its end.
    public static final int LONGEST_PATH = 107;

    private static final int MOST_THREADS = 16;

    private final Server server;
    private final Path path;

    private AgentSocket(Server server, Path path) {
        this.server = server;
        this.path = path;
    }

    /// Whether the kernel takes the path.
    public static boolean fits(Path path) {
        return path.toString().getBytes(StandardCharsets.UTF_8).length <= LONGEST_PATH;
    }

    /// Serves from now on.
    ///
    /// @throws IOException if the socket cannot be had, such as that another agent serves there
    public static AgentSocket open(Path path, Sidecars sidecars) throws IOException {
        clear(path);
        var threads = new QueuedThreadPool(MOST_THREADS, 1);
        threads.setName("socket");
        threads.setDaemon(true);
        var server = new Server(threads);
        var http = new HttpConfiguration();
        http.setSendServerVersion(false);
        var connector = new UnixDomainServerConnector(server, 1, 1, new HttpConnectionFactory(http));
        connector.setUnixDomainPath(path);
        server.addConnector(connector);
        server.setHandler(new EndpointRoutes(sidecars));
        var socket = new AgentSocket(server, path);
        try {
            server.start();
            Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rw-rw----"));
        } catch (Exception e) {
            socket.close();
            throw new IOException("cannot serve at " + path + " (--socket): " + e.getMessage(), e);
        }
        LOG.info("serves this machine's own programs socket={}", path);
        return socket;
    }

    /// An agent that was killed leaves its socket, at which nobody answers.
    private static void clear(Path path) throws IOException {
        Files.createDirectories(path.toAbsolutePath().getParent());
        if (!Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        if (!Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS).isOther()) {
            throw new IOException("cannot serve at " + path + " (--socket): it is a file. Give another path");
        }
        try (var channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            channel.connect(UnixDomainSocketAddress.of(path));
        } catch (IOException _) {
            Files.deleteIfExists(path);
            return;
        }
        throw new IOException("cannot serve at " + path + " (--socket): somebody else does. Give another path");
    }

    @Override
    public void close() {
        try {
            server.stop();
            Files.deleteIfExists(path);
        } catch (Exception e) {
            LOG.warn("the socket has not ended as it should path={} because={}", path, e.toString());
        }
    }
}
