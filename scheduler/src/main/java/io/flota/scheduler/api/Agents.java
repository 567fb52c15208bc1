package io.flota.scheduler.api;

import io.flota.machine.MachineId;
import io.flota.tls.HandshakeFailure;
import io.grpc.ChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.netty.NettyChannelBuilder;
import io.netty.channel.ChannelOption;
import java.util.concurrent.TimeUnit;

/// How agents are called.
record Agents(ChannelCredentials credentials) {
    /// An agent is near; one that has not accepted by then will not.
    private static final int CONNECT_TIMEOUT_MILLIS = 3000;
    /// How long an agent may be silent; whether it has something to tell or not, its connection answers.
    private static final long SILENCE_SECONDS = 10;

    /// Where an agent is.
    ///
    /// @param address its host:port
    record Place(MachineId machine, String address) {
        @Override
        public String toString() {
            return "machine " + machine.shortened() + " (agent " + address + ")";
        }
    }

    /// For one call, which is to shut it down afterwards.
    ///
    /// @param address host:port
    ManagedChannel channel(String address) {
        return NettyChannelBuilder.forTarget(address, credentials)
                .withOption(ChannelOption.CONNECT_TIMEOUT_MILLIS, CONNECT_TIMEOUT_MILLIS)
                .keepAliveTime(SILENCE_SECONDS, TimeUnit.SECONDS)
                .keepAliveTimeout(SILENCE_SECONDS, TimeUnit.SECONDS)
                .maxInboundMessageSize(GrpcListener.MAX_MESSAGE_BYTES)
                .build();
    }

    /// Why a call failed, in words. The transport's own are "io exception"; what happened is said by the cause.
    static String reason(Status status) {
        var cause = status.getCause();
        if (status.getCode() == Status.Code.UNAVAILABLE && cause != null && cause.getMessage() != null) {
            return HandshakeFailure.because(cause)
                    .orElseGet(() -> cause.getMessage().lines().findFirst().orElse(""));
        }
        return status.getDescription() == null ? status.getCode().toString() : status.getDescription();
    }
}
