package io.flota.scheduler;

import com.google.common.base.Ticker;
import io.flota.loop.Backoff;
import io.flota.loop.Loop;
import io.flota.registry.Fact.Leader;
import io.flota.registry.Mirror;
import io.flota.registry.Registry;
import io.flota.scheduler.api.Carrier;
import io.flota.scheduler.api.ClusterService;
import io.flota.scheduler.api.GrpcListener;
import io.flota.scheduler.election.Election;
import io.flota.scheduler.leading.PlacementPass;
import io.flota.scheduler.model.Model;
import io.flota.store.LeaseKeeper;
import io.flota.store.Store;
import io.flota.store.StoreException;
import io.grpc.ChannelCredentials;
import io.grpc.InsecureChannelCredentials;
import io.grpc.InsecureServerCredentials;
import io.grpc.ServerCredentials;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.SplittableRandom;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One scheduler at work: it answers operators, and leads when nobody else does.
///
/// Each part is a loop of its own and wakes the next one: store -> mirror -> model -> election, placements; lease ->
/// election -> placements.
final class Scheduler implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Scheduler.class);
    private static final Duration FIRST_RETRY = Duration.ofMillis(100);
    /// An operator who starts etcd again should not wait for us.
    private static final Duration LAST_RETRY = Duration.ofSeconds(1);

    private final Carrier carrier;
    private final GrpcListener grpc;
    private final LeaseKeeper keeper;
    private final Loop keeping;
    private final Loop campaigning;
    private final Loop placing;
    private final Mirror mirror;

    /// Works from now on. The store stays the caller's.
    ///
    /// @throws IOException if an address cannot be had, or a TLS file is not what it should be
    Scheduler(SchedulerConfig config, Store store) throws IOException {
        var clock = InstantSource.system();
        var keys = config.keys();
        var model = new Model(keys, clock);
        var registry = new Registry(store, keys);
        var identity = new ClusterService.Identity(config.id(), Version.OF_THIS_SCHEDULER);
        var service = new ClusterService(identity, registry, model, agentCredentials(config)).definition();
        carrier = new Carrier(config.listen().resolve(), carrierTls(config), service);
        try {
            grpc = new GrpcListener(config.listenGrpc().resolve(), grpcCredentials(config), service);
        } catch (IOException e) {
            carrier.close();
            throw e;
        }
        var election = new Election(registry, new Leader(config.id(), address(config)), model, clock);
        var placements = new PlacementPass(registry, model, election, clock, config.settle());
        keeper = new LeaseKeeper(store, config.leaderTtl(), Ticker.systemTicker(), election);
        keeping = new Loop("lease", keeper, backoff(LeaseKeeper.RETRY, LeaseKeeper.RETRY));
        campaigning = new Loop("election", election, backoff(FIRST_RETRY, LAST_RETRY));
        placing = new Loop("placements", placements, backoff(FIRST_RETRY, LAST_RETRY));
        model.onChange(campaigning::signal);
        model.onChange(placing::signal);
        election.onLease(campaigning::signal);
        election.onLeadership(placing::signal);
        keeping.start();
        campaigning.start();
        placing.start();
        mirror = new Mirror(store, keys.prefix(), model);
        log.info("serves id={} listen={} grpc={}", config.id(), address(config), grpc.port());
    }

    int port() {
        return carrier.port();
    }

    int grpcPort() {
        return grpc.port();
    }

    /// Resigns, so that another scheduler leads at once, and ends what is in flight.
    @Override
    public void close() {
        placing.close();
        campaigning.close();
        keeping.close();
        try {
            keeper.release();
        } catch (StoreException e) {
            log.warn("could not resign, another one leads once the lease has ended because={}", e.getMessage());
        }
        carrier.close();
        grpc.close();
        mirror.close();
    }

    /// How clients reach the lean carrier.
    private String address(SchedulerConfig config) {
        return config.advertise().map(Object::toString).orElseGet(() -> config.listen().dialled(carrier.port()));
    }

    private static Optional<Carrier.Tls> carrierTls(SchedulerConfig config) throws IOException {
        if (config.tls().isEmpty()) {
            return Optional.empty();
        }
        var files = config.tls().get();
        return Optional.of(new Carrier.Tls(files.serverContext(), files.wantsClientCertificates()));
    }

    private static ServerCredentials grpcCredentials(SchedulerConfig config) throws IOException {
        return config.tls().isPresent()
                ? config.tls().get().serverCredentials()
                : InsecureServerCredentials.create();
    }

    private static ChannelCredentials agentCredentials(SchedulerConfig config) throws IOException {
        return config.tls().isPresent()
                ? config.tls().get().channelCredentials()
                : InsecureChannelCredentials.create();
    }

    private static Backoff backoff(Duration first, Duration most) {
        return new Backoff(first, most, new SplittableRandom());
    }
}
