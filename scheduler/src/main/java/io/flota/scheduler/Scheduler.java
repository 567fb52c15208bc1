package io.flota.scheduler;

import io.flota.daemon.MetricsListener;
import io.flota.loop.World;
import io.flota.registry.Fact.Leader;
import io.flota.registry.Registry;
import io.flota.scheduler.api.Carrier;
import io.flota.scheduler.api.ClusterService;
import io.flota.scheduler.api.EventStreams;
import io.flota.scheduler.api.GrpcListener;
import io.flota.scheduler.api.Policing;
import io.flota.scheduler.api.Registrar;
import io.flota.scheduler.fleet.FleetListener;
import io.flota.scheduler.leading.PassListener;
import io.flota.scheduler.metrics.SchedulerMetrics;
import io.flota.scheduler.model.Model;
import io.flota.store.MeteredStore;
import io.flota.store.Store;
import io.flota.tls.FreshContext;
import io.flota.tls.NettyTls;
import io.grpc.ChannelCredentials;
import io.grpc.InsecureChannelCredentials;
import io.grpc.InsecureServerCredentials;
import io.grpc.ServerCredentials;
import io.grpc.netty.NettySslContextChannelCredentials;
import io.grpc.netty.NettySslContextServerCredentials;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import javax.net.ssl.SSLContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One scheduler at work: a [Replica], and the listeners at which it answers operators.
final class Scheduler implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Scheduler.class);

    /// What is open, to be closed in the opposite order.
    private final Deque<Runnable> listeners = new ArrayDeque<>();
    private final Carrier carrier;
    private final GrpcListener grpc;
    private final Optional<MetricsListener> metrics;
    private final Optional<FleetListener> fleet;
    private final Replica replica;
    private final AtomicBoolean closed = new AtomicBoolean();

    /// Works from now on. The store stays the caller's.
    ///
    /// @throws IOException if an address cannot be had, or a TLS file is not what it should be
    Scheduler(SchedulerConfig config, Store store) throws IOException {
        Optional<SSLContext> tls =
                config.tls().isPresent() ? Optional.of(FreshContext.over(config.tls().get())) : Optional.empty();
        var keys = config.keys();
        var model = new Model(keys, World.REAL);
        Optional<SchedulerMetrics> measured = config.listenMetrics().isPresent() || config.fleet().isServed()
                ? Optional.of(new SchedulerMetrics(config.id(), model))
                : Optional.empty();
        var metered = measured.<Store>map(it -> new MeteredStore(store, it::storeFailed)).orElse(store);
        var registry = new Registry(metered, keys);
        var identity = new ClusterService.Identity(config.id(), Version.OF_THIS_SCHEDULER);
        var events = new EventStreams(World.REAL, metered, keys);
        var service = new ClusterService(identity, registry, model, events, agentCredentials(tls)).definition();
        carrier = new Carrier(config.listen().resolve(), tls, service);
        listeners.push(carrier::close);
        try {
            grpc = new GrpcListener(config.listenGrpc().resolve(), serverCredentials(tls), service);
            listeners.push(grpc::close);
            metrics = metrics(config, measured);
            metrics.ifPresent(it -> listeners.push(it::close));
            fleet = FleetServing.open(config, new FleetListener.Sources(
                    model, new Registrar(registry, model), new Policing(registry, model),
                    () -> measured.map(SchedulerMetrics::scrape).orElse(""), Version.OF_THIS_SCHEDULER));
            fleet.ifPresent(it -> listeners.push(it::close));
        } catch (IOException e) {
            closeListeners();
            throw e;
        }
        var self = new Leader(config.id(), address(config), FleetServing.address(config, fleet));
        var settings = new Replica.Settings(keys, self, config.leads(), config.leaderTtl(), config.caution());
        var listener = measured.<PassListener>map(it -> it).orElse(PassListener.NONE);
        replica = new Replica(settings, World.REAL, metered, registry, model, listener);
        log.info("serves id={} leads={} listen={} grpc={} metrics={} fleet={}", config.id(), config.leads(),
                address(config), grpc.port(), metrics.map(it -> Integer.toString(it.port())).orElse("nowhere"),
                fleet.flatMap(FleetListener::port).map(Object::toString).orElse("nowhere"));
    }

    private static Optional<MetricsListener> metrics(SchedulerConfig config, Optional<SchedulerMetrics> measured)
            throws IOException {
        return config.listenMetrics().isEmpty()
                ? Optional.empty()
                : Optional.of(new MetricsListener(
                        config.listenMetrics().get(), config.tls(), measured.orElseThrow()::scrape));
    }

    int port() {
        return carrier.port();
    }

    int grpcPort() {
        return grpc.port();
    }

    /// Where fleet's HTTP API is served; empty if it is not.
    Optional<FleetListener> fleet() {
        return fleet;
    }

    /// Where metrics are served; empty if nowhere.
    Optional<Integer> metricsPort() {
        return metrics.map(MetricsListener::port);
    }

    /// Resigns, so that another scheduler leads at once, and ends what is in flight.
    @Override
    public void close() {
        if (closed.getAndSet(true)) {
            return;
        }
        replica.close();
        closeListeners();
    }

    private void closeListeners() {
        while (!listeners.isEmpty()) {
            listeners.pop().run();
        }
    }

    /// How clients reach the lean carrier.
    private String address(SchedulerConfig config) {
        return config.advertise().map(Object::toString).orElseGet(() -> config.listen().dialled(carrier.port()));
    }

    private static ServerCredentials serverCredentials(Optional<SSLContext> tls) {
        return tls.<ServerCredentials>map(it -> NettySslContextServerCredentials.create(NettyTls.server(it)))
                .orElseGet(InsecureServerCredentials::create);
    }

    private static ChannelCredentials agentCredentials(Optional<SSLContext> tls) {
        return tls.<ChannelCredentials>map(it -> NettySslContextChannelCredentials.create(NettyTls.client(it)))
                .orElseGet(InsecureChannelCredentials::create);
    }
}
