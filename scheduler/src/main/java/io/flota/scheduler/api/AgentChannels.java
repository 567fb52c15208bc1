package io.flota.scheduler.api;

import io.grpc.ManagedChannel;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/// Connections to agents for the time of one client's call: one to each, whatever is asked over it.
final class AgentChannels implements AutoCloseable {
    private final Agents agents;
    private final Map<String, ManagedChannel> channels = new ConcurrentHashMap<>();

    AgentChannels(Agents agents) {
        this.agents = agents;
    }

    /// Asked again, it tries at once to connect, however often that has failed before.
    ///
    /// @param address host:port
    ManagedChannel to(String address) {
        var channel = channels.computeIfAbsent(address, agents::channel);
        channel.resetConnectBackoff();
        return channel;
    }

    @Override
    public void close() {
        channels.values().forEach(ManagedChannel::shutdownNow);
    }
}
