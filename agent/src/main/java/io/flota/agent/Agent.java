package io.flota.agent;

import com.google.common.net.HostAndPort;
import io.flota.agent.api.AgentListener;
import io.flota.agent.api.JournalService;
import io.flota.agent.runtime.UnitRuntime;
import io.flota.loop.World;
import io.flota.machine.Machine;
import io.flota.store.Store;
import java.io.IOException;
import java.time.Duration;

/// One agent at work: a [Node], and the listener at which schedulers ask for output of its units.
final class Agent implements AutoCloseable {
    private final AgentListener listener;
    private final Node node;

    /// Works from now on. Store and runtime stay the caller's.
    ///
    /// @throws IOException if the listener's address cannot be had
    Agent(AgentConfig config, Store store, UnitRuntime runtime) throws IOException {
        listener = new AgentListener(config.listen(), config.tls(), new JournalService(config.machineId(), runtime));
        var settings = new Node.Settings(config.keys(), machine(config, listener.port()), config.ttl());
        node = new Node(settings, World.REAL, store, runtime, Registration::answers);
    }

    /// Where the listener listens.
    int port() {
        return listener.port();
    }

    /// As [Node#handOver].
    boolean handOver(Duration limit) throws InterruptedException {
        boolean all = node.handOver(limit);
        listener.close();
        return all;
    }

    /// As [Node#close].
    @Override
    public void close() {
        node.close();
        listener.close();
    }

    private static Machine machine(AgentConfig config, int port) {
        var address = config.advertise().orElse(config.listen());
        String host = address.host().equals("0.0.0.0") || address.host().equals("::")
                ? config.privateIp()
                : address.host();
        boolean listened = config.advertise().isEmpty() || address.port() == 0;
        return new Machine(
                config.machineId(),
                config.hostname(),
                config.publicIp(),
                config.privateIp(),
                config.metadata(),
                config.resources(),
                HostAndPort.fromParts(host, listened ? port : address.port()).toString(),
                config.bootId(),
                Version.OF_THIS_AGENT);
    }
}
