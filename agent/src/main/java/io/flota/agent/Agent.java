package io.flota.agent;

import com.google.common.collect.ImmutableSortedMap;
import com.google.common.net.HostAndPort;
import io.flota.agent.api.AgentListener;
import io.flota.agent.api.AgentService;
import io.flota.agent.fleet.FleetGateway;
import io.flota.agent.metrics.AgentMetrics;
import io.flota.agent.runtime.UnitRuntime;
import io.flota.agent.runtime.setting.ThisHost;
import io.flota.agent.socket.AgentSocket;
import io.flota.daemon.MetricsListener;
import io.flota.loop.World;
import io.flota.machine.Machine;
import io.flota.store.MeteredStore;
import io.flota.store.Store;
import io.flota.unit.Offer;
import io.flota.unit.UnitName;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One agent at work: a [Node], and the listener at which schedulers ask for what its units say, and enter them.
final class Agent implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Agent.class);

    private final AgentListener listener;
    private final Optional<MetricsListener> metrics;
    private final Node node;
    private final Optional<AgentSocket> socket;
    private final Optional<FleetGateway> fleet;

    /// Works from now on. Store and runtime stay the caller's.
    ///
    /// @throws IOException if the listener's address cannot be had
    Agent(AgentConfig config, Store store, UnitRuntime runtime) throws IOException {
        this(config, store, runtime, ImmutableSortedMap::of);
    }

    /// @param offers of the units that are loaded
    Agent(
            AgentConfig config, Store store, UnitRuntime runtime,
            Supplier<ImmutableSortedMap<UnitName, Offer>> offers)
            throws IOException {
        var service = new AgentService(config.machineId(), runtime, config.exec());
        listener = new AgentListener(config.listen(), config.tls(), service);
        var measured = config.listenMetrics().map(_ -> new AgentMetrics());
        try {
            metrics = metrics(config, measured);
        } catch (IOException e) {
            listener.close();
            throw e;
        }
        var host = ThisHost.read(
                config.hostname(), config.machineId().value(), config.stateDir().resolve("runtime"));
        var settings = new Node.Settings(
                config.keys(), machine(config, listener.port()), config.ttl(), host::context);
        var metered = measured.<Store>map(it -> new MeteredStore(store, it::storeFailed)).orElse(store);
        node = new Node(
                settings, World.REAL, metered, runtime, offers, Registration::answers,
                states -> measured.ifPresent(it -> it.reported(states)));
        measured.ifPresent(it -> it.measureLease(node::leaseRemaining));
        Optional<AgentSocket> opened = Optional.empty();
        try {
            if (config.socket().isPresent()) {
                opened = Optional.of(AgentSocket.open(config.socket().get(), node.sidecars()));
            }
            socket = opened;
            fleet = config.fleet().isEmpty()
                    ? Optional.empty()
                    : Optional.of(FleetGateway.open(config.fleet(), store, config.keys(), config.tls()));
        } catch (IOException e) {
            opened.ifPresent(AgentSocket::close);
            node.close();
            metrics.ifPresent(MetricsListener::close);
            listener.close();
            throw e;
        }
    }

    private static Optional<MetricsListener> metrics(AgentConfig config, Optional<AgentMetrics> measured)
            throws IOException {
        if (measured.isEmpty()) {
            return Optional.empty();
        }
        var listener =
                new MetricsListener(config.listenMetrics().orElseThrow(), config.tls(), measured.get()::scrape);
        LOG.info("serves metrics port={}", listener.port());
        return Optional.of(listener);
    }

    /// Where the listener listens.
    int port() {
        return listener.port();
    }

    /// Where metrics are served; empty if nowhere.
    Optional<Integer> metricsPort() {
        return metrics.map(MetricsListener::port);
    }

    /// As [Node#become], with all that is new in the settings.
    void become(AgentConfig config) {
        node.become(machine(config, listener.port()));
    }

    /// Where fleet's HTTP API is served over TCP; empty if it is not.
    Optional<Integer> fleetPort() {
        return fleet.flatMap(FleetGateway::port);
    }

    /// As [Node#handOver].
    boolean handOver(Duration limit) throws InterruptedException {
        boolean all = node.handOver(limit);
        closeListeners();
        return all;
    }

    /// As [Node#giveWay].
    void giveWay() {
        node.giveWay();
        closeListeners();
    }

    /// As [Node#close].
    @Override
    public void close() {
        node.close();
        closeListeners();
    }

    private void closeListeners() {
        fleet.ifPresent(FleetGateway::close);
        socket.ifPresent(AgentSocket::close);
        metrics.ifPresent(MetricsListener::close);
        listener.close();
    }

    /// This machine, as far as it is known before the listener has its port.
    static Machine machine(AgentConfig config) {
        return machine(config, 0);
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
