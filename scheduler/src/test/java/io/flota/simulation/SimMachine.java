package io.flota.simulation;

import com.google.common.collect.ImmutableSortedMap;
import io.flota.agent.Node;
import io.flota.machine.Machine;
import io.flota.machine.MachineId;
import io.flota.machine.Resources;
import io.flota.registry.Keys;
import io.flota.unit.Specifiers;
import java.time.Duration;
import java.util.Optional;

/// A machine that boots, runs units, and can die; and the agent on it, which can die alone.
final class SimMachine {
    private static final long MEMORY_BYTES = 3L << 30;

    private final SimCluster cluster;
    private final int number;
    private final MachineId id;
    private Duration ttl;
    private boolean isGone;
    private final SimProcess.SimClocks clocks;
    private ImmutableSortedMap<String, String> metadata;
    private final SimSystemd systemd;
    private Optional<SimProcess> agent = Optional.empty();
    private Optional<SimClient> client = Optional.empty();
    private Optional<Node> node = Optional.empty();
    private boolean up;
    private int boots;
    private int agents;

    SimMachine(SimCluster cluster, int number, Duration ttl, SimProcess.SimClocks clocks) {
        this.cluster = cluster;
        this.number = number;
        this.id = id(number);
        this.ttl = ttl;
        this.clocks = clocks;
        this.metadata = ImmutableSortedMap.of("disk", number % 2 == 0 ? "ssd" : "hdd");
        this.systemd = new SimSystemd(cluster.timeline(), clocks, cluster.history().on(this));
    }

    static MachineId id(int number) {
        return new MachineId(String.valueOf((char) ('a' + number - 1)).repeat(32));
    }

    MachineId id() {
        return id;
    }

    /// As the network knows it: one cable for each machine.
    String place() {
        return "machine-" + number;
    }

    SimSystemd systemd() {
        return systemd;
    }

    boolean isUp() {
        return up;
    }

    Optional<SimProcess> agent() {
        return agent.filter(process -> !process.isDead());
    }

    Optional<SimClient> client() {
        return client;
    }

    /// For good.
    boolean isGone() {
        return isGone;
    }

    /// Dies for good.
    void vanish() {
        isGone = true;
        die();
    }

    /// Boots, and starts the agent.
    void boot() {
        if (!up && !isGone) {
            up = true;
            boots++;
            startAgent();
        }
    }

    /// As if the power were cut.
    void die() {
        if (up) {
            killAgent();
            systemd.die();
            up = false;
        }
    }

    void startAgent() {
        if (!up || agent().isPresent()) {
            return;
        }
        var process = cluster.process(place(), clocks);
        var store = new SimClient(process, cluster);
        var machine = new Machine(
                id, "host-" + number, "", "10.0.0." + number, metadata, new Resources(MEMORY_BYTES, 2), "10.0.0." + number + ":" + ++agents,
                "boot-" + boots, "simulated");
        cluster.history().agentStarts(this);
        agent = Optional.of(process);
        client = Optional.of(store);
        node = Optional.of(
                new Node(
                        new Node.Settings(Keys.DEFAULT, machine, ttl, Specifiers.Context::somewhere), process, store, systemd,
                        systemd::offers, _ -> false, _ -> {}));
    }

    void killAgent() {
        agent().ifPresent(SimProcess::kill);
        client.ifPresent(SimClient::close);
        agent = Optional.empty();
    }

    /// As by SIGTERM: the units are handed over, then the agent ends.
    void handOver() {
        agent().ifPresent(process -> process.run("hand over", () -> {
            try {
                cluster.history().handsOver(this);
                boolean _ = node.orElseThrow().handOver(Duration.ofSeconds(30));
                process.kill();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }));
    }

    /// As by SIGUSR1: the agent ends, and another one is to take over.
    void giveWay() {
        agent().ifPresent(process -> process.run("give way", () -> {
            node.orElseThrow().giveWay();
            process.kill();
        }));
    }

    /// What the agent is to tell of the machine from its next start on.
    void metadata(ImmutableSortedMap<String, String> next) {
        metadata = next;
    }

    /// What the agent is to ask for from its next start on.
    void ttl(Duration next) {
        ttl = next;
    }

    void stepClock(Duration by) {
        clocks.step(by);
    }

    @Override
    public String toString() {
        return place();
    }
}
