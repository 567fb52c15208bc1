package io.flota.scheduler.api;

import com.google.common.collect.ImmutableMap;
import io.flota.tls.RefusalLog;
import io.grpc.ServerMethodDefinition;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocket;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Serves a gRPC service over plain or TLS stream sockets, for clients that must start fast: one call a connection,
/// one virtual thread each. See `carrier.proto`.
public final class Carrier implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Carrier.class);
    /// Far above what operators open at once, and cheap for us to hold.
    private static final int MAX_CONNECTIONS = 1024;
    private static final int BACKLOG = 256;
    /// When the process is out of file descriptors, accepting again at once would only burn the processor.
    private static final long PAUSE_AFTER_FAILURE_MILLIS = 100;
    /// For a busy client on a slow line; then its thread and connection are for others.
    private static final int HANDSHAKE_MILLIS = 10_000;
    /// What a client may still have on its way when it is refused.
    private static final int FAREWELL_MILLIS = 1000;
    private static final int FAREWELL_BYTES = 1 << 16;
    private static final String OPTION = "--listen";

    private final ServerSocket listener;
    private final Optional<SSLContext> tls;
    private final ImmutableMap<String, ServerMethodDefinition<?, ?>> methods;
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final ScheduledExecutorService watchdog;

    /// Listens from now on.
    ///
    /// @param tls whoever shows no certificate that it trusts is refused; empty: everybody is served, in plain text
    /// @throws IOException if the address cannot be had
    public Carrier(InetSocketAddress address, Optional<SSLContext> tls, ServerServiceDefinition service)
            throws IOException {
        this.tls = tls;
        this.methods = service.getMethods().stream()
                .collect(ImmutableMap.toImmutableMap(m -> m.getMethodDescriptor().getFullMethodName(), m -> m));
        this.listener = new ServerSocket();
        try {
            listener.setReuseAddress(true);
            listener.bind(address, BACKLOG);
        } catch (IOException e) {
            listener.close();
            throw new IOException("cannot listen on " + address.getHostString() + ":" + address.getPort() + ": "
                    + e.getMessage(), e);
        }
        this.watchdog = watchdog();
        threads.execute(this::accept);
    }

    private static ScheduledExecutorService watchdog() {
        var executor = new ScheduledThreadPoolExecutor(
                1, Thread.ofPlatform().daemon().name("carrier-watchdog").factory());
        executor.setRemoveOnCancelPolicy(true);
        return executor;
    }

    public int port() {
        return listener.getLocalPort();
    }

    private void accept() {
        while (!listener.isClosed()) {
            try {
                var socket = listener.accept();
                open.add(socket);
                if (listener.isClosed()) {
                    socket.close(); // the others are being closed, and nobody knew of this one
                }
                threads.execute(() -> serve(socket));
            } catch (IOException e) {
                if (!listener.isClosed()) {
                    log.warn("cannot accept a connection because={}", e.toString());
                    pause();
                }
            }
        }
    }

    private void serve(Socket socket) {
        try (socket) {
            socket.setTcpNoDelay(true);
            if (open.size() > MAX_CONNECTIONS) {
                new CarrierAnswers(socket, socket.getOutputStream(), watchdog)
                        .end(Status.RESOURCE_EXHAUSTED.withDescription(
                                "this scheduler has " + MAX_CONNECTIONS + " open connections; try again, or another"));
            } else if (tls.isPresent()) {
                serveSecured(tls.get(), socket);
            } else {
                var answers = new CarrierAnswers(socket, socket.getOutputStream(), watchdog);
                new CarrierConnection(methods, socket, socket.getInputStream(), answers).serve();
            }
        } catch (IOException e) {
            log.debug("connection ended peer={} because={}", socket.getRemoteSocketAddress(), e.toString());
        } catch (RuntimeException e) {
            log.error("a bug in serving a call peer={}", socket.getRemoteSocketAddress(), e);
        } finally {
            open.remove(socket);
        }
    }

    private void serveSecured(SSLContext tls, Socket socket) throws IOException {
        socket.setSoTimeout(HANDSHAKE_MILLIS);
        var nothingConsumed = java.io.InputStream.nullInputStream();
        try (var secured = (SSLSocket) tls.getSocketFactory().createSocket(socket, nothingConsumed, false)) {
            secured.setUseClientMode(false);
            secured.setNeedClientAuth(true);
            try {
                secured.startHandshake();
            } catch (SSLException e) {
                RefusalLog.refused(OPTION, socket.getRemoteSocketAddress(), e);
                letItRead(socket);
                return;
            }
            var answers = new CarrierAnswers(socket, secured.getOutputStream(), watchdog);
            new CarrierConnection(methods, socket, secured.getInputStream(), answers).serve();
        }
    }

    /// Takes what a refused client still sends, up to a bound: closed with that unread, TCP would take back why it was
    /// refused.
    private static void letItRead(Socket socket) throws IOException {
        if (!socket.isClosed()) {
            socket.setSoTimeout(FAREWELL_MILLIS);
            socket.shutdownOutput();
            socket.getInputStream().readNBytes(FAREWELL_BYTES);
        }
    }

    private static void pause() {
        try {
            Thread.sleep(PAUSE_AFTER_FAILURE_MILLIS);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    /// Stops listening and cuts what is open; calls in flight are cancelled.
    @Override
    public void close() {
        closeQuietly(listener);
        open.forEach(Carrier::closeQuietly);
        threads.close();
        watchdog.shutdownNow();
    }

    private static void closeQuietly(java.io.Closeable closeable) {
        try {
            closeable.close();
        } catch (IOException e) {
            log.debug("closing failed because={}", e.toString());
        }
    }
}
