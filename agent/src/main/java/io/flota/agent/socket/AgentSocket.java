package io.flota.agent.socket;

import io.flota.agent.announce.Sidecars;
import io.flota.daemon.HttpListener;
import io.flota.daemon.HttpListener.UnixSocket;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.eclipse.jetty.server.handler.ErrorHandler;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The agent's HTTP server for its own machine, at a unix socket that only the agent's user and group may use.
public final class AgentSocket implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(AgentSocket.class);

    private final HttpListener listener;

    private AgentSocket(HttpListener listener) {
        this.listener = listener;
    }

    /// Serves from now on.
    ///
    /// @throws IOException if the socket cannot be had, such as that another agent serves there
    public static AgentSocket open(Path path, Sidecars sidecars) throws IOException {
        var place = new UnixSocket("--socket", path);
        var listener = HttpListener.open("socket", List.of(place), new EndpointRoutes(sidecars), new ErrorHandler());
        LOG.info("serves this machine's own programs socket={}", path);
        return new AgentSocket(listener);
    }

    @Override
    public void close() {
        listener.close();
    }
}
