package io.flota.unitctl.local;

import com.google.common.collect.ImmutableList;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/// The cluster in one folder.
final class LocalCluster {
    private final Path folder;
    private final Path programs;

    LocalCluster(Path folder, Path programs) {
        this.folder = folder.toAbsolutePath().normalize();
        this.programs = programs;
    }

    /// Waits until no other command changes the cluster; others are kept waiting until the lock is closed.
    FileChannel lock() throws IOException {
        Files.createDirectories(folder);
        var lock = FileChannel.open(folder.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        lock.lock();
        return lock;
    }

    boolean folderExists() {
        return Files.isDirectory(folder);
    }

    private boolean exists() {
        return ClusterSpec.existsIn(folder);
    }

    /// Starts what does not run, resumes what is paused, and returns once every scheduler sees every machine.
    Blueprint up(Asked asked) throws IOException, LocalException {
        var spec = settle(asked);
        var blueprint = new Blueprint(spec, folder, programs);
        var processes = processes(blueprint);
        var missing = new ArrayList<NodeProcess>();
        for (var process : processes) {
            process.resume();
            if (process.main().isEmpty()) {
                missing.add(process);
            }
        }
        refuseTakenPorts(missing);
        spec.write(folder);
        if (blueprint.tls().isPresent()) {
            blueprint.tls().get().prepare(blueprint.nodes());
        }
        for (var process : missing) {
            prepare(blueprint, process.node());
            process.start();
        }
        new Readiness(blueprint, processes).await();
        return blueprint;
    }

    private ClusterSpec settle(Asked asked) throws IOException, LocalException {
        if (exists()) {
            var kept = ClusterSpec.read(folder);
            boolean runs = false;
            for (var process : processes(new Blueprint(kept, folder, programs))) {
                runs |= process.state() != NodeProcess.State.DEAD;
            }
            var wanted = asked.over(kept);
            var hindrance = Asked.hindrance(kept, wanted, runs);
            if (hindrance.isPresent()) {
                throw new LocalException("the cluster in " + folder + " cannot change so: " + hindrance.get());
            }
            return wanted;
        }
        var etcd = asked.etcdBinary().isPresent() ? "" : Programs.etcd();
        var specs = asked.fresh(folder.equals(Folders.ofDefaultCluster()), folder.hashCode(), etcd).toList();
        for (var spec : specs) {
            if (Ports.firstTaken(shiftable(spec)).isEmpty()) {
                return spec;
            }
        }
        return specs.getFirst(); // whose ports are then refused by name
    }

    /// All but those of the first scheduler of the default cluster, whose place is fixed.
    private List<java.net.InetSocketAddress> shiftable(ClusterSpec spec) {
        return new Blueprint(spec, folder, programs)
                .nodes().stream()
                        .flatMap(node -> node.listens().stream())
                        .filter(address -> !address.getAddress().getHostAddress().equals(spec.front()))
                        .toList();
    }

    private static void refuseTakenPorts(List<NodeProcess> missing) throws IOException, LocalException {
        for (var process : missing) {
            var taken = Ports.firstTaken(process.node().listens());
            if (taken.isPresent()) {
                var address = taken.get();
                throw new LocalException(
                        "%s cannot listen on %s:%d: another process does (`ss -ltnp` tells which)"
                                .formatted(
                                        process.node().name(),
                                        address.getAddress().getHostAddress(),
                                        address.getPort()));
            }
        }
    }

    private static void prepare(Blueprint blueprint, Node node) throws IOException {
        Files.createDirectories(node.folder());
        if (node.kind() == Node.Kind.MACHINE) {
            Files.writeString(Blueprint.environmentFileOf(node), blueprint.environmentFile(node));
        }
    }

    /// Kills everything at once; what is registered stays in etcd's data unless purged.
    void down(boolean purge) throws IOException, LocalException {
        List<String> machineIds = List.of();
        if (exists()) {
            for (var process : processes(blueprint())) {
                process.kill();
            }
            machineIds = blueprint().machineIds();
        }
        Enclosure.removeAll(folder, machineIds);
        if (purge) {
            Folders.delete(folder);
        }
    }

    Blueprint blueprint() throws IOException, LocalException {
        if (!exists()) {
            throw new LocalException("no local cluster in " + folder + "; `unitctl local up` makes one");
        }
        return new Blueprint(ClusterSpec.read(folder), folder, programs);
    }

    ImmutableList<NodeProcess> processes(Blueprint blueprint) throws IOException {
        var processes = ImmutableList.<NodeProcess>builder();
        for (var node : blueprint.nodes()) {
            processes.add(new NodeProcess(folder, node));
        }
        return processes.build();
    }

    /// The named ones, all of which must be there before anything is done to the first.
    ImmutableList<NodeProcess> named(List<String> names) throws IOException, LocalException {
        var all = processes(blueprint());
        var found = ImmutableList.<NodeProcess>builder();
        for (var name : names) {
            found.add(all.stream()
                    .filter(process -> process.node().name().equals(name))
                    .findFirst()
                    .orElseThrow(() -> new LocalException("no node %s here: there are %s"
                            .formatted(
                                    name,
                                    all.stream().map(process -> process.node().name()).collect(Collectors.joining(", "))))));
        }
        return found.build();
    }
}
