package io.flota.daemon;

import io.flota.tls.FreshContext;
import io.flota.tls.PemFiles;
import io.flota.tls.RefusalLog;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.http.UriCompliance;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.io.ssl.SslHandshakeListener;
import org.eclipse.jetty.server.AbstractConnector;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.NetworkConnectionLimit;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.server.SslConnectionFactory;
import org.eclipse.jetty.unixdomain.server.UnixDomainServerConnector;
import org.eclipse.jetty.util.component.LifeCycle;
import org.eclipse.jetty.util.ssl.SslContextFactory;
import org.eclipse.jetty.util.thread.QueuedThreadPool;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A daemon's HTTP/1.1 server at one place or several, with limits on what strangers can take of it: threads,
/// connections, how long one may say nothing, and how long it may take to ask. Over TCP it asks for certificates
/// where there are TLS files, as all listeners do; a unix socket is its user's and group's.
public final class HttpListener implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(HttpListener.class);

    private static final int MOST_THREADS = 32;
    /// At each place.
    private static final int MOST_CONNECTIONS = 1000;
    /// For how long a client may neither send nor take anything.
    private static final long IDLE_MILLIS = 30_000;
    /// What requests in flight get to end by themselves.
    private static final long GRACE_MILLIS = 500;

    /// Names of units have backslashes, which clients escape in paths and Jetty suspects.
    private static final UriCompliance ESCAPED_UNIT_NAMES =
            UriCompliance.DEFAULT.with("ESCAPED_UNIT_NAMES", UriCompliance.Violation.SUSPICIOUS_PATH_CHARACTERS);

    /// Where a server listens.
    public sealed interface Place {}

    /// @param option that names the address, for messages
    public record Tcp(String option, ListenAddress address, Optional<PemFiles> tls) implements Place {}

    /// @param option that names the path, for messages
    public record UnixSocket(String option, Path path) implements Place {}

    /// The one that systemd passes, as it has opened it.
    ///
    /// @param option that asks for it, for messages
    /// @param tls as for [Tcp], if it is of that kind
    /// @param insecure whether without TLS, or at a unix socket, anybody may reach it
    public record Passed(String option, Optional<PemFiles> tls, boolean insecure) implements Place {}

    private final QueuedThreadPool threads = new QueuedThreadPool(MOST_THREADS, 1);
    private final Server server = new Server(threads);
    private final List<Path> sockets = new ArrayList<>();

    private HttpListener(String name) {
        threads.setName(name);
        threads.setDaemon(true);
        threads.setStopTimeout(GRACE_MILLIS);
        server.setStopTimeout(GRACE_MILLIS);
    }

    /// Serves from now on.
    ///
    /// @param name of its threads
    /// @param answers to requests
    /// @param refusals what is answered to what is no request, with the status that the response has by then
    /// @throws IOException if a place cannot be had, or a TLS file is not what it should be
    public static HttpListener open(String name, List<? extends Place> places, Handler answers, Request.Handler refusals)
            throws IOException {
        var listener = new HttpListener(name);
        listener.server.setHandler(answers);
        listener.server.setErrorHandler((request, response, callback) -> {
            response.setStatus(whoseFault(response.getStatus()));
            return refusals.handle(request, response, callback);
        });
        try {
            for (var place : places) {
                listener.listen(place);
            }
            start(listener.server, "cannot serve");
            new SlowHeads(listener.server).run();
        } catch (IOException e) {
            listener.close();
            throw e;
        }
        return listener;
    }

    /// The first place over TCP, as it is bound; empty if there is none.
    public Optional<InetSocketAddress> address() {
        for (var connector : server.getConnectors()) {
            if (connector instanceof ServerConnector tcp && tcp.getTransport() instanceof ServerSocketChannel channel) {
                return Optional.of((InetSocketAddress) channel.socket().getLocalSocketAddress());
            }
        }
        return Optional.empty();
    }

    /// The port of the same.
    public Optional<Integer> port() {
        return address().map(InetSocketAddress::getPort);
    }

    /// How many are connected.
    public int connections() {
        int connected = 0;
        for (var connector : server.getConnectors()) {
            connected += connector.getConnectedEndPoints().size();
        }
        return connected;
    }

    @Override
    public void close() {
        end(server);
        for (var connector : server.getConnectors()) {
            end(connector); // a server that never started ends nothing
        }
        end(threads);
        for (var socket : sockets) {
            try {
                Files.deleteIfExists(socket);
            } catch (IOException e) {
                LOG.warn("a socket is left behind path={} because={}", socket, e.toString());
            }
        }
    }

    private static void end(LifeCycle part) {
        try {
            part.stop();
        } catch (Exception e) {
            LOG.warn("a listener has not ended as it should because={}", e.toString());
        }
    }

    private void listen(Place place) throws IOException {
        switch (place) {
            case Tcp tcp -> {
                String cannot = "cannot listen on " + tcp.address() + " (" + tcp.option() + ")";
                var connector = tcp.tls().isPresent() ? secure(tcp.option(), tcp.tls().get()) : plain();
                connector.setHost(tcp.address().resolve().getAddress().getHostAddress());
                connector.setPort(tcp.address().port());
                add(connector);
                start(connector, cannot);
            }
            case UnixSocket(var option, var path) -> {
                UnixSocketFile.clear(option, path);
                var connector = new UnixDomainServerConnector(server, 1, 1, http());
                connector.setUnixDomainPath(path);
                add(connector);
                start(connector, "cannot serve at " + path + " (" + option + ")");
                sockets.add(path);
                UnixSocketFile.protect(path);
            }
            case Passed passed -> listen(passed);
        }
    }

    private void listen(Passed passed) throws IOException {
        var socket = PassedSocket.take();
        if (!(socket.getLocalAddress() instanceof InetSocketAddress address)) {
            if (!passed.insecure()) {
                UnixSocketFile.refuseIfAnybodys(passed.option(), socket.getLocalAddress());
            }
            var connector = new UnixDomainServerConnector(server, 1, 1, http());
            connector.setInheritChannel(true);
            add(connector);
            return;
        }
        if (passed.tls().isEmpty() && !passed.insecure() && !address.getAddress().isLoopbackAddress()) {
            throw new IOException("the socket that systemd passes (" + passed.option() + ") is at " + address.getHostString()
                    + ":" + address.getPort() + ", beyond loopback, where anybody could rule the cluster: give --tls-ca-file,"
                    + " --tls-cert-file and --tls-key-file, or accept it with --insecure");
        }
        var connector = passed.tls().isPresent() ? secure(passed.option(), passed.tls().get()) : plain();
        connector.open(socket);
        add(connector);
    }

    private void add(AbstractConnector connector) {
        connector.setIdleTimeout(IDLE_MILLIS);
        connector.addBean(new NetworkConnectionLimit(MOST_CONNECTIONS, connector)); // it asks for such when it starts
        server.addConnector(connector);
    }

    private ServerConnector plain() {
        return new ServerConnector(server, 1, 1, http());
    }

    private ServerConnector secure(String option, PemFiles files) throws IOException {
        var tls = new SslContextFactory.Server();
        tls.setSslContext(FreshContext.over(files));
        tls.setNeedClientAuth(true);
        var connector = new ServerConnector(server, 1, 1, new SslConnectionFactory(tls, "http/1.1"), http());
        connector.addBean(new Refusals(option));
        return connector;
    }

    /// A version or coding of HTTP's that nobody has is the client's affair.
    private static int whoseFault(int status) {
        return switch (status) {
            case HttpStatus.NOT_IMPLEMENTED_501, HttpStatus.HTTP_VERSION_NOT_SUPPORTED_505 -> HttpStatus.BAD_REQUEST_400;
            default -> status;
        };
    }

    private static HttpConnectionFactory http() {
        var http = new HttpConfiguration();
        http.setSendServerVersion(false);
        http.setUriCompliance(ESCAPED_UNIT_NAMES);
        return new HttpConnectionFactory(http);
    }

    private static void start(LifeCycle part, String cannot) throws IOException {
        try {
            part.start();
        } catch (Exception e) {
            var cause = e.getCause() == null ? e : e.getCause();
            throw new IOException(cannot + ": " + cause.getMessage(), e);
        }
    }

    /// Tells whom TLS has refused.
    private record Refusals(String option) implements SslHandshakeListener {
        @Override
        public void handshakeFailed(Event event, Throwable failure) {
            RefusalLog.refused(option, peer(event.getEndPoint()), failure);
        }

        private static SocketAddress peer(EndPoint endPoint) {
            return endPoint.getRemoteSocketAddress();
        }
    }
}
