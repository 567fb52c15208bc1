package io.flota.scheduler.api;

import io.flota.tls.HandshakeFailure;
import io.grpc.ChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.netty.NettyChannelBuilder;
import io.netty.channel.ChannelOption;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/// Connections to agents for the time of one client's call: one to each, whatever is asked over it.
final class AgentChannels implements AutoCloseable {
    /// An agent is near; one that has not accepted by then will not.
    private static final int CONNECT_TIMEOUT_MILLIS = 3000;
    /// How long an agent may be silent; whether it has anything to tell or not, its connection answers.
    private static final long SILENCE_SECONDS = 10;

    private final ChannelCredentials credentials;
    private final Map<String, ManagedChannel> channels = new ConcurrentHashMap<>();

    AgentChannels(ChannelCredentials credentials) {
        this.credentials = credentials;
    }

    /// Asked again, it tries at once to connect, however often that has failed before.
    ///
    /// @param address host:port
    ManagedChannel to(String address) {
        var channel = channels.computeIfAbsent(address, this::open);
        channel.resetConnectBackoff();
        return channel;
    }

    private ManagedChannel open(String address) {
        return NettyChannelBuilder.forTarget(address, credentials)
                .withOption(ChannelOption.CONNECT_TIMEOUT_MILLIS, CONNECT_TIMEOUT_MILLIS)
                .keepAliveTime(SILENCE_SECONDS, TimeUnit.SECONDS)
                .keepAliveTimeout(SILENCE_SECONDS, TimeUnit.SECONDS)
                .maxInboundMessageSize(GrpcListener.MAX_MESSAGE_BYTES)
                .build();
    }

    /// Why a call failed. The transport's own words are "io exception"; what happened is said by the cause.
    static String reason(Status status) {
        var cause = status.getCause();
        if (status.getCode() == Status.Code.UNAVAILABLE && cause != null && cause.getMessage() != null) {
            return HandshakeFailure.because(cause)
                    .orElseGet(() -> cause.getMessage().lines().findFirst().orElse(""));
        }
        return status.getDescription() == null ? status.getCode().toString() : status.getDescription();
    }

    @Override
    public void close() {
        channels.values().forEach(ManagedChannel::shutdownNow);
    }
}
