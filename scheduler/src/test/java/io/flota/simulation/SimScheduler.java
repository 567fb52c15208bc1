package io.flota.simulation;

import io.flota.loop.World;
import io.flota.registry.Fact.Leader;
import io.flota.registry.Keys;
import io.flota.registry.Registry;
import io.flota.scheduler.Replica;
import io.flota.scheduler.api.ClusterService;
import io.flota.scheduler.api.EventStreams;
import io.flota.scheduler.cluster.Cluster;
import io.flota.scheduler.leading.Caution;
import io.flota.scheduler.model.Model;
import io.grpc.InsecureChannelCredentials;
import java.time.Duration;
import java.util.LinkedList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/// One scheduler, on a machine of its own.
final class SimScheduler {
    /// How long a plan may be on its way.
    private static final Duration MOMENT = Duration.ofSeconds(5);

    private final SimCluster cluster;
    private final int number;
    private final Duration ttl;
    private final SimProcess.SimClocks clocks;
    private Optional<SimProcess> process = Optional.empty();
    private Optional<SimClient> client = Optional.empty();
    private Optional<ClusterService> service = Optional.empty();
    private final LinkedList<Cluster> views = new LinkedList<>();
    private final LinkedList<Duration> times = new LinkedList<>();
    private Optional<Duration> knowsSince = Optional.empty();

    SimScheduler(SimCluster cluster, int number, Duration ttl, SimProcess.SimClocks clocks) {
        this.cluster = cluster;
        this.number = number;
        this.ttl = ttl;
        this.clocks = clocks;
    }

    String place() {
        return "scheduler-" + number;
    }

    Optional<SimProcess> process() {
        return process.filter(one -> !one.isDead());
    }

    Optional<SimClient> client() {
        return client;
    }

    /// What it knows, and has known in the last moments; the newest last.
    List<Cluster> knew() {
        var since = cluster.timeline().now().minus(MOMENT);
        while (views.size() > 1 && times.get(1).compareTo(since) < 0) {
            views.removeFirst();
            times.removeFirst();
        }
        return List.copyOf(views);
    }

    /// When it had read the cluster first; empty if it has not yet.
    Optional<Duration> knowsSince() {
        return knowsSince;
    }

    private void remember(Model changed) {
        if (knowsSince.isEmpty() && changed.latest().isCurrent()) {
            knowsSince = Optional.of(cluster.timeline().now());
        }
        views.addLast(changed.latest().cluster());
        times.addLast(cluster.timeline().now());
    }

    void start() {
        if (process().isPresent()) {
            return;
        }
        var started = cluster.process(place(), clocks);
        var store = new SimClient(started, cluster);
        var fresh = new Model(Keys.DEFAULT, started);
        var registry = new Registry(store, Keys.DEFAULT);
        process = Optional.of(started);
        client = Optional.of(store);
        views.clear();
        times.clear();
        knowsSince = Optional.empty();
        fresh.onChange(() -> remember(fresh));
        service = Optional.of(new ClusterService(
                new ClusterService.Identity(place(), "simulated"),
                registry,
                fresh,
                new EventStreams(started, store, Keys.DEFAULT),
                InsecureChannelCredentials.create()));
        var settings = new Replica.Settings(Keys.DEFAULT, new Leader(place(), place() + ":4470"), ttl, Caution.DEFAULT);
        var _ = new Replica(settings, (World) started, store, registry, fresh);
    }

    void kill() {
        process().ifPresent(SimProcess::kill);
        client.ifPresent(SimClient::close);
        process = Optional.empty();
    }

    void stepClock(Duration by) {
        clocks.step(by);
    }

    /// Has it answer a call; who asks hears nothing if it is dead or dies meanwhile.
    void call(String what, Consumer<ClusterService> call) {
        process().ifPresent(running -> running.run(what, () -> call.accept(service.orElseThrow())));
    }

    @Override
    public String toString() {
        return place();
    }
}
