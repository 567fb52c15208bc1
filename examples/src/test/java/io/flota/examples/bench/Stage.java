package io.flota.examples.bench;

import static org.awaitility.Awaitility.await;

import io.flota.api.v1.ListUnitsRequest;
import io.flota.api.v1.Unit;
import io.flota.api.v1.UnitOnMachine;
import io.flota.examples.LocalCluster;
import io.flota.examples.Unitctl;
import io.flota.unitctl.client.ClusterClient;
import io.flota.unitctl.client.ClusterException;
import io.flota.unitctl.client.Endpoint;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.stream.Stream;
import javax.net.SocketFactory;

/// A local cluster under measurement, with a client that costs no process per question.
///
/// @param program unitctl, told once where the cluster is: to ask for that is a call of its own
record Stage(LocalCluster cluster, ClusterClient client, Unitctl program) implements AutoCloseable {
    private static final Duration LIMIT = Duration.ofMinutes(3);
    private static final Duration STEP = Duration.ofMillis(10);

    static Stage open(String... options) {
        var cluster = LocalCluster.with(options).up();
        var endpoints = Endpoint.list(cluster.endpoint());
        var client = new ClusterClient(endpoints, SocketFactory.getDefault(), Duration.ofSeconds(5));
        return new Stage(cluster, client, cluster.unitctl());
    }

    /// Runs unitctl and waits for it.
    ///
    /// @return how long that took, in milliseconds
    double unitctl(Path directory, String... arguments) {
        long start = System.nanoTime();
        program.in(directory).run(arguments).ok();
        return millisSince(start);
    }

    static double millisSince(long start) {
        return (System.nanoTime() - start) / (double) TimeUnit.MILLISECONDS.toNanos(1);
    }

    void awaitUnits(Predicate<List<Unit>> condition) {
        await().atMost(LIMIT).pollDelay(Duration.ZERO).pollInterval(STEP).until(
                () -> client.listUnits(ListUnitsRequest.getDefaultInstance()).getUnitsList(), condition);
    }

    /// @param lost the id of a machine whose reports count no longer
    static boolean allActiveBeside(String lost, List<Unit> units) {
        return units.stream().allMatch(unit -> unit.getMachinesList().stream().anyMatch(machine ->
                !machine.getMachineId().equals(lost) && machine.getState().getActive().equals("active")));
    }

    /// The machine that the unit is active on.
    UnitOnMachine machineOf(String unit) throws ClusterException {
        return client.listUnits(ListUnitsRequest.newBuilder().addNames(unit).build()).getUnits(0).getMachines(0);
    }

    /// Memory of a node's own process.
    ///
    /// @param kind as the kernel calls it: Rss counts pages that are shared with other processes in full, Pss by shares
    double mebibytes(String node, String kind) throws IOException {
        try (Stream<String> lines = Files.lines(Path.of("/proc", cluster.node(node).pid(), "smaps_rollup"))) {
            var line = lines.filter(l -> l.startsWith(kind + ":")).findFirst().orElseThrow();
            return Long.parseLong(line.replaceAll("\\D", "")) / 1024.0;
        }
    }

    @Override
    public void close() {
        cluster.close();
    }
}
