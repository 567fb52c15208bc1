package io.flota.scheduler.api;

import io.grpc.ManagedChannel;
import io.grpc.Status;
import java.util.HashMap;
import java.util.Map;

/// Connections to agents for the time of one client's call: one to each, whatever is asked over it.
final class AgentChannels implements AutoCloseable {
    private final Agents agents;
    private final Map<String, ManagedChannel> channels = new HashMap<>();
    private boolean closed;

    AgentChannels(Agents agents) {
        this.agents = agents;
    }

    /// Asked again, it tries at once to connect, however often that has failed before.
    ///
    /// @param address host:port
    /// @throws io.grpc.StatusRuntimeException cancelled, if the client has gone: nobody would close what is opened now
    synchronized ManagedChannel to(String address) {
        if (closed) {
            throw Status.CANCELLED.withDescription("the client has gone").asRuntimeException();
        }
        var channel = channels.computeIfAbsent(address, agents::channel);
        channel.resetConnectBackoff();
        return channel;
    }

    @Override
    public synchronized void close() {
        closed = true;
        channels.values().forEach(ManagedChannel::shutdownNow);
    }
}
