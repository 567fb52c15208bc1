package io.flota.scheduler.api;

import com.google.common.collect.ImmutableMap;
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

    /// @param clientsProveThemselves whether a client must show a certificate that the context trusts
    public record Tls(SSLContext context, boolean clientsProveThemselves) {}

    private final ServerSocket listener;
    private final Optional<Tls> tls;
    private final ImmutableMap<String, ServerMethodDefinition<?, ?>> methods;
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final ScheduledExecutorService watchdog;

    /// Listens from now on.
    ///
    /// @throws IOException if the address cannot be had
    public Carrier(InetSocketAddress address, Optional<Tls> tls, ServerServiceDefinition service) throws IOException {
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

    private void serveSecured(Tls tls, Socket socket) throws IOException {
        var nothingConsumed = java.io.InputStream.nullInputStream();
        try (var secured =
                (SSLSocket) tls.context().getSocketFactory().createSocket(socket, nothingConsumed, false)) {
            secured.setUseClientMode(false);
            secured.setNeedClientAuth(tls.clientsProveThemselves());
            var answers = new CarrierAnswers(socket, secured.getOutputStream(), watchdog);
            new CarrierConnection(methods, socket, secured.getInputStream(), answers).serve();
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
