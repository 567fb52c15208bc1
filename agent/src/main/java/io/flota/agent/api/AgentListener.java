package io.flota.agent.api;

import io.flota.daemon.ListenAddress;
import io.flota.tls.FreshContext;
import io.flota.tls.NettyTls;
import io.flota.tls.PemFiles;
import io.flota.tls.RefusalLog;
import io.grpc.BindableService;
import io.grpc.InsecureServerCredentials;
import io.grpc.Server;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.netty.NettySslContextServerCredentials;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/// Serves this agent's gRPC service, each call on a virtual thread.
public final class AgentListener implements AutoCloseable {
    /// Clients ping a connection on which a quiet journal is followed.
    private static final long PING_SECONDS = 10;

    private static final long GRACE_MILLIS = 500;

    private final EventLoopGroup eventLoop = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final Server server;

    /// Listens from now on.
    ///
    /// @throws IOException if the address cannot be had; the message is a line for the operator
    public AgentListener(ListenAddress address, Optional<PemFiles> tls, BindableService service) throws IOException {
        var credentials = tls.isPresent()
                ? NettySslContextServerCredentials.create(NettyTls.server(FreshContext.over(tls.get())))
                : InsecureServerCredentials.create();
        server = NettyServerBuilder.forAddress(address.resolve(), credentials)
                .channelFactory(RefusalLog.channels("--listen"))
                .bossEventLoopGroup(eventLoop)
                .workerEventLoopGroup(eventLoop)
                .executor(threads)
                .keepAliveTime(PING_SECONDS, TimeUnit.SECONDS)
                .permitKeepAliveTime(PING_SECONDS / 2, TimeUnit.SECONDS)
                .permitKeepAliveWithoutCalls(true)
                .addService(service)
                .build();
        try {
            server.start();
        } catch (IOException e) {
            close();
            String reason = e.getCause() == null ? e.getMessage() : e.getCause().getMessage();
            throw new IOException("cannot listen on " + address + " (--listen): " + reason, e);
        }
    }

    public int port() {
        return server.getPort();
    }

    @Override
    public void close() {
        server.shutdownNow();
        try {
            server.awaitTermination(GRACE_MILLIS, TimeUnit.MILLISECONDS);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
        threads.shutdownNow();
        eventLoop.shutdownGracefully(0, GRACE_MILLIS, TimeUnit.MILLISECONDS);
    }
}
