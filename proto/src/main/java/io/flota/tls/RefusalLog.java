package io.flota.tls;

import com.google.common.net.HostAndPort;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFactory;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.ssl.SslHandler;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Tells the operator who was refused by a listener with TLS, and why; one line each.
public final class RefusalLog {
    private static final Logger LOG = LoggerFactory.getLogger(RefusalLog.class);

    private RefusalLog() {}

    /// @param listener the option that the listener is of, such as `--listen`
    public static void refused(String listener, SocketAddress peer, Throwable failure) {
        var because = HandshakeFailure.because(failure);
        if (because.isPresent() && !isMereEnd(because.get())) {
            LOG.warn("refused a connection listener={} peer={} because={}", listener, text(peer), because.get());
        } else {
            LOG.debug("a connection ended before TLS was agreed on listener={} peer={}", listener, text(peer), failure);
        }
    }

    /// Without the name that the host may have, which says no more.
    private static String text(SocketAddress peer) {
        return peer instanceof InetSocketAddress address
                ? HostAndPort.fromParts(address.getAddress().getHostAddress(), address.getPort()).toString()
                : String.valueOf(peer);
    }

    /// Of clients that went, which monitors do that only ask whether somebody listens.
    private static boolean isMereEnd(String because) {
        return because.contains("terminated the handshake") || because.contains("Connection closed while");
    }

    /// The server channels of a gRPC listener, whose refusals gRPC keeps to itself.
    public static ChannelFactory<NioServerSocketChannel> channels(String listener) {
        return () -> {
            var server = new NioServerSocketChannel();
            server.pipeline().addLast(new Doorkeeper(listener));
            return server;
        };
    }

    /// On the server's channel, where each connection comes by before gRPC has it.
    private static final class Doorkeeper extends ChannelInboundHandlerAdapter {
        private final String listener;

        Doorkeeper(String listener) {
            this.listener = listener;
        }

        @Override
        public void channelRead(ChannelHandlerContext context, Object accepted) {
            ((Channel) accepted).pipeline().addLast(new Witness(listener));
            context.fireChannelRead(accepted);
        }
    }

    /// On a connection: by its first bytes gRPC has put TLS into it.
    private static final class Witness extends ChannelInboundHandlerAdapter {
        private final String listener;

        Witness(String listener) {
            this.listener = listener;
        }

        @Override
        public void channelRead(ChannelHandlerContext context, Object bytes) {
            var tls = context.pipeline().get(SslHandler.class);
            if (tls != null) {
                var peer = context.channel().remoteAddress();
                tls.handshakeFuture().addListener(handshake -> {
                    if (!handshake.isSuccess()) {
                        refused(listener, peer, handshake.cause());
                    }
                });
            }
            context.pipeline().remove(this);
            context.fireChannelRead(bytes);
        }
    }
}
