package io.flota.scheduler.api;

import io.flota.tls.RefusalLog;
import io.grpc.Server;
import io.grpc.ServerCredentials;
import io.grpc.ServerServiceDefinition;
import io.grpc.netty.NettyServerBuilder;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/// Serves a gRPC service over HTTP/2, each call on a virtual thread.
public final class GrpcListener implements AutoCloseable {
    /// Ten thousand units that share a template come in less; more in one call is a mistake or an attack.
    static final int MAX_MESSAGE_BYTES = 16 << 20;

    private static final long KEEPALIVE_SECONDS = 30;
    private static final long KEEPALIVE_TIMEOUT_SECONDS = 10;
    private static final int MAX_CALLS_PER_CONNECTION = 256;
    /// What calls in flight get to end by themselves when the scheduler is told to stop.
    private static final long GRACE_MILLIS = 500;

    private final EventLoopGroup eventLoop = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final Server server;

    /// Listens from now on.
    ///
    /// @throws IOException if the address cannot be had
    public GrpcListener(InetSocketAddress address, ServerCredentials credentials, ServerServiceDefinition service)
            throws IOException {
        this.server = NettyServerBuilder.forAddress(address, credentials)
                .channelFactory(RefusalLog.channels("--listen-grpc"))
                .bossEventLoopGroup(eventLoop)
                .workerEventLoopGroup(eventLoop)
                .executor(threads)
                .maxInboundMessageSize(MAX_MESSAGE_BYTES)
                .maxConcurrentCallsPerConnection(MAX_CALLS_PER_CONNECTION)
                .keepAliveTime(KEEPALIVE_SECONDS, TimeUnit.SECONDS)
                .keepAliveTimeout(KEEPALIVE_TIMEOUT_SECONDS, TimeUnit.SECONDS)
                .permitKeepAliveTime(KEEPALIVE_TIMEOUT_SECONDS, TimeUnit.SECONDS)
                .permitKeepAliveWithoutCalls(true)
                .addService(service)
                .build();
        try {
            server.start();
        } catch (IOException e) {
            close();
            throw new IOException("cannot listen on " + address.getHostString() + ":" + address.getPort() + ": "
                    + cause(e), e);
        }
    }

    private static String cause(IOException e) {
        return e.getCause() == null ? e.getMessage() : e.getCause().getMessage();
    }

    public int port() {
        return server.getPort();
    }

    @Override
    public void close() {
        server.shutdown();
        try {
            if (!server.awaitTermination(GRACE_MILLIS, TimeUnit.MILLISECONDS)) {
                server.shutdownNow().awaitTermination(GRACE_MILLIS, TimeUnit.MILLISECONDS);
            }
        } catch (InterruptedException _) {
            server.shutdownNow();
            Thread.currentThread().interrupt();
        }
        threads.shutdown();
        eventLoop.shutdownGracefully(0, GRACE_MILLIS, TimeUnit.MILLISECONDS);
    }
}
