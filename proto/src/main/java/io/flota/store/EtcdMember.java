package io.flota.store;

import io.grpc.ClientStreamTracer;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.NettyChannelBuilder;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.ssl.SslContext;
import java.net.URI;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.logging.Level;
import java.util.logging.Logger;
import javax.net.ssl.SSLException;

/// One member of the etcd cluster, and the connection to it.
final class EtcdMember {
    private static final int DEFAULT_PORT = 2379;
    /// The shortest that gRPC accepts. With the answer's timeout a dead connection ends within 12 s.
    private static final int PING_AFTER_SECONDS = 10;
    private static final int PING_TIMEOUT_SECONDS = 2;
    /// A snapshot of 100,000 units and more; gRPC's default of 4 MiB is reached by a few thousand.
    private static final int MAX_ANSWER_BYTES = 64 << 20;

    /// Tells whether a request left this process, so that a failed write can be known not to have happened.
    static final class Wire extends ClientStreamTracer.Factory {
        private volatile boolean reached;

        @Override
        public ClientStreamTracer newClientStreamTracer(ClientStreamTracer.StreamInfo info, Metadata headers) {
            return new ClientStreamTracer() {
                @Override
                public void outboundHeaders() {
                    reached = true;
                }
            };
        }

        boolean reached() {
            return reached;
        }
    }

    /// Logs each failure to resolve a name with its stack, which the caller hears of in one line. Held here, since a
    /// logger that nobody holds forgets its level.
    private static final Logger CHANNELS = Logger.getLogger("io.grpc.internal.ManagedChannelImpl");

    static {
        CHANNELS.setLevel(Level.OFF);
    }

    private final String name;
    private final ManagedChannel channel;

    EtcdMember(URI endpoint, EtcdSettings settings, EventLoopGroup loop, Executor callbacks) {
        int port = endpoint.getPort() < 0 ? DEFAULT_PORT : endpoint.getPort();
        var builder = NettyChannelBuilder.forAddress(endpoint.getHost(), port)
                .eventLoopGroup(loop)
                .channelType(NioSocketChannel.class)
                .executor(callbacks)
                .disableServiceConfigLookUp()
                .keepAliveTime(PING_AFTER_SECONDS, TimeUnit.SECONDS)
                .keepAliveTimeout(PING_TIMEOUT_SECONDS, TimeUnit.SECONDS)
                .maxInboundMessageSize(MAX_ANSWER_BYTES);
        if (EtcdSettings.isSecure(endpoint)) {
            builder.sslContext(tls(settings));
        } else {
            builder.usePlaintext();
        }
        this.name = endpoint.toString();
        this.channel = builder.build();
    }

    ManagedChannel channel() {
        return channel;
    }

    /// Makes the next call try to connect at once: gRPC's own pause between attempts grows to two minutes.
    void reconnectSoon() {
        channel.resetConnectBackoff();
    }

    void close() {
        channel.shutdownNow();
        try {
            boolean _ = channel.awaitTermination(1, TimeUnit.SECONDS);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public String toString() {
        return name;
    }

    private static SslContext tls(EtcdSettings settings) {
        var builder = GrpcSslContexts.forClient();
        try {
            settings.tls().flatMap(EtcdSettings.Tls::ca).ifPresent(ca -> builder.trustManager(ca.toFile()));
            settings.tls()
                    .flatMap(EtcdSettings.Tls::identity)
                    .ifPresent(own -> builder.keyManager(own.certificate().toFile(), own.key().toFile()));
            return builder.build();
        } catch (SSLException | IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "the TLS files for etcd cannot be used: " + EtcdFailure.firstLine(e.getMessage())
                            + "; certificates have to be PEM, the key PKCS#8 without a passphrase",
                    e);
        }
    }
}
