package io.flota.scheduler;

import com.google.protobuf.ByteString;
import io.flota.api.v1.DesiredState;
import io.flota.api.v1.UnitIntent;
import io.flota.daemon.HttpListener.Place;
import io.flota.daemon.HttpListener.UnixSocket;
import io.flota.daemon.ListenAddress;
import io.flota.registry.Keys;
import io.flota.scheduler.api.CarrierClient;
import io.flota.scheduler.leading.Caution;
import io.flota.store.EtcdSettings;
import io.flota.store.EtcdStore;
import io.flota.store.Store;
import io.flota.testing.EtcdServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;

/// Schedulers and fake agents on a real etcd, and all that has to be closed afterwards.
final class TestCluster implements AutoCloseable {
    static final Keys KEYS = Keys.DEFAULT;
    private static final ListenAddress ANY_PORT = new ListenAddress("127.0.0.1", 0);

    private final EtcdServer etcd = EtcdServer.start();
    private final Deque<Runnable> cleanups = new ArrayDeque<>(List.of(etcd::close));
    private final Store store = store();
    private int tokenLimit = 100;
    private List<Place> fleetSockets = List.of();

    EtcdServer etcd() {
        return etcd;
    }

    /// How many things fleet's API tells on a page, of schedulers that are started from now on.
    void tokenLimit(int limit) {
        tokenLimit = limit;
    }

    /// Where fleet's API is served besides, of schedulers that are started from now on.
    void fleetSocket(Path path) {
        fleetSockets = List.of(new UnixSocket("--fleet-socket", path));
    }

    /// A store of its own.
    Store store() {
        var opened = store(etcd);
        cleanups.push(opened::close);
        return opened;
    }

    static Store store(EtcdServer etcd) {
        return new EtcdStore(EtcdSettings.of(List.of(etcd.endpoint())));
    }

    Scheduler scheduler(String id) {
        return scheduler(id, Duration.ofSeconds(60), Duration.ZERO);
    }

    Scheduler scheduler(String id, Duration leaderTtl, Duration settle) {
        return scheduler(id, leaderTtl, settle, etcd.endpoint());
    }

    Scheduler scheduler(String id, Duration leaderTtl, Duration settle, URI endpoint) {
        var config = new SchedulerConfig(
                KEYS, id, true, leaderTtl, ANY_PORT, ANY_PORT, Optional.of(ANY_PORT), Optional.empty(), Optional.empty(),
                new FleetConfig(Optional.of(ANY_PORT), true, fleetSockets, tokenLimit),
                new Caution(settle, Duration.ofSeconds(2), Caution.DEFAULT.valve()));
        try {
            var its = new EtcdStore(EtcdSettings.of(List.of(endpoint)));
            cleanups.push(its::close);
            var scheduler = new Scheduler(config, its);
            cleanups.push(scheduler::close);
            return scheduler;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    FakeAgent machine(int number) {
        return machine(number, Duration.ofSeconds(60));
    }

    FakeAgent machine(int number, Duration ttl) {
        return machine(number, ttl, "");
    }

    FakeAgent machine(int number, String agentAddress) {
        return machine(number, Duration.ofSeconds(60), agentAddress);
    }

    FakeAgent machine(int number, Duration ttl, String agentAddress) {
        var agent = new FakeAgent(store, KEYS, number, ttl, agentAddress);
        cleanups.push(agent::close);
        return agent;
    }

    Api lean(Scheduler scheduler) {
        return new Api.Lean(new CarrierClient(scheduler.port()));
    }

    Api grpc(Scheduler scheduler) {
        var api = new Api.Grpc(scheduler.grpcPort());
        cleanups.push(api::close);
        return api;
    }

    @Override
    public void close() {
        while (!cleanups.isEmpty()) {
            cleanups.pop().run();
        }
    }

    static UnitIntent submit(String name, String... lines) {
        return intent(name, DesiredState.DESIRED_STATE_INACTIVE, lines);
    }

    static UnitIntent start(String name, String... lines) {
        return intent(name, DesiredState.DESIRED_STATE_LAUNCHED, lines);
    }

    /// With the registered file.
    static UnitIntent start(String name) {
        return UnitIntent.newBuilder()
                .setName(name)
                .setDesired(DesiredState.DESIRED_STATE_LAUNCHED)
                .build();
    }

    private static UnitIntent intent(String name, DesiredState desired, String... lines) {
        return UnitIntent.newBuilder()
                .setName(name)
                .setFile(ByteString.copyFromUtf8(String.join("\n", lines) + "\n"))
                .setSource("./" + name)
                .setDesired(desired)
                .build();
    }
}
