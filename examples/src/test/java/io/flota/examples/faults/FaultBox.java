package io.flota.examples.faults;

import com.google.common.io.MoreFiles;
import io.flota.examples.LocalCluster;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/// A local cluster whose parts can be made to fail, and the units in it that write down when and where they are there.
/// All faults are undone and all that was started or written is gone afterwards, in every case.
final class FaultBox implements AutoCloseable, BeforeEachCallback, AfterEachCallback {
    private final Path temporary;
    private final LocalCluster cluster;
    private final Nodes nodes;
    private final Network network;
    private final Witnesses witnesses;
    private final Map<String, SlowDisk> slow = new LinkedHashMap<>();

    /// When we are told to end; the cluster has one of its own, and strace ends with what it traces.
    private final Thread lastResort = new Thread(this::delete, "fault-box-delete");

    private FaultBox(int members, String... options) {
        try {
            temporary = Files.createTempDirectory("flota-faults");
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
        var all = new ArrayList<>(List.of(options));
        all.addAll(List.of(
                "--etcd", Integer.toString(members),
                "--etcd-binary", Network.etcdBinary(temporary).toString()));
        cluster = LocalCluster.with(all.toArray(String[]::new));
        nodes = new Nodes(cluster.folder());
        network = new Network(nodes, members);
        witnesses = Witnesses.in(temporary);
    }

    /// @param members of etcd
    /// @param options of `unitctl local up`
    static FaultBox with(int members, String... options) {
        return new FaultBox(members, options);
    }

    FaultBox up() {
        Runtime.getRuntime().addShutdownHook(lastResort);
        var relays = Thread.ofVirtual().unstarted(network::open);
        var failure = new ArrayList<Throwable>();
        relays.setUncaughtExceptionHandler((_, thrown) -> failure.add(thrown));
        relays.start();
        cluster.up();
        try {
            relays.join();
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new AssertionError(interrupted);
        }
        failure.stream().findFirst().ifPresent(thrown -> {
            throw new AssertionError("no relays", thrown);
        });
        return this;
    }

    LocalCluster cluster() {
        return cluster;
    }

    Network network() {
        return network;
    }

    Nodes nodes() {
        return nodes;
    }

    Witnesses witnesses() {
        return witnesses;
    }

    /// For unit files, and whatever else is to be gone afterwards.
    Path folder() {
        return temporary;
    }

    void inflict(Fault fault) {
        switch (fault) {
            case Fault.Killed(var targets) -> targets.forEach(node -> nodes.signal(node, "KILL"));
            case Fault.Stopped(var targets) -> targets.forEach(node -> nodes.signal(node, "STOP"));
            case Fault.MachineKilled(var machine) -> cluster.kill(machine);
            case Fault.CutOff cut -> network.cut(cut.cut());
            case Fault.DiskSlow(var member, var delay) -> {
                var disk = new SlowDisk(nodes.pid(member).orElseThrow(), delay);
                synchronized (slow) {
                    slow.put(member, disk);
                }
            }
        }
    }

    /// @return what is to be known of it beyond its own words; empty if nothing is
    Optional<String> undo(Fault fault) {
        switch (fault) {
            case Fault.Killed(var targets) -> targets.forEach(this::start);
            case Fault.Stopped(var targets) -> targets.forEach(node -> nodes.signal(node, "CONT"));
            case Fault.MachineKilled(var machine) -> cluster.restart(machine);
            case Fault.CutOff cut -> network.mend(cut.cut());
            case Fault.DiskSlow(var member, _) -> {
                return fast(member);
            }
        }
        return Optional.empty();
    }

    private void start(String node) {
        if (node.startsWith("machine-")) {
            cluster.restartAgent(node);
        } else {
            cluster.restart(node);
        }
    }

    private Optional<String> fast(String member) {
        Optional<SlowDisk> disk;
        synchronized (slow) {
            disk = Optional.ofNullable(slow.remove(member));
        }
        boolean worked = disk.filter(SlowDisk::works).isPresent();
        disk.ifPresent(SlowDisk::close);
        return worked ? Optional.empty() : Optional.of("the kernel does not let strace trace: it was as fast as ever");
    }

    @Override
    public void close() {
        List.copyOf(slow.keySet()).forEach(this::fast);
        network.mendAll();
        try {
            cluster.close(); // SIGKILL and thawing for all, whether stopped or not
        } finally {
            network.close();
            delete();
            Runtime.getRuntime().removeShutdownHook(lastResort);
        }
    }

    private void delete() {
        try {
            MoreFiles.deleteRecursively(temporary);
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    @Override
    public void beforeEach(ExtensionContext context) {
        up();
    }

    @Override
    public void afterEach(ExtensionContext context) {
        cluster.afterEach(context); // prints the logs if the test failed
        close();
    }
}
