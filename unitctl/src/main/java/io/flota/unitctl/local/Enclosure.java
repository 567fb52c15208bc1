package io.flota.unitctl.local;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/// All processes of one node, so that they can be killed and paused like a machine that loses its power: the node's
/// own one (etcd, scheduler, agent), and on a machine those of the units.
sealed interface Enclosure permits CgroupEnclosure, TreeEnclosure {
    /// Ends a hopeless wait for the kernel.
    Duration LIMIT = Duration.ofSeconds(10);

    /// The kernel's cgroups where we may write to them; else what can be found by looking at every process.
    static Enclosure of(Path clusterFolder, Node node) throws IOException {
        var cluster = Cgroup.forCluster(Blueprint.clusterId(clusterFolder));
        return cluster.isPresent()
                ? new CgroupEnclosure(cluster.get(), cluster.get().child(node.name()))
                : new TreeEnclosure(clusterFolder, node);
    }

    /// Forgets what all enclosures of this cluster left behind, and what its agents made where a version 1 controller
    /// knows nothing of our cgroups.
    static void removeAll(Path clusterFolder, List<String> machineIds) throws IOException, LocalException {
        Cgroup.removeEverywhere(Blueprint.clusterId(clusterFolder));
        for (var id : machineIds) {
            Cgroup.removeEverywhere("flota-" + id);
        }
    }

    /// The command that starts this one inside, and detached from our terminal.
    ImmutableList<String> wrap(ImmutableList<String> command) throws IOException;

    /// What an agent must know in order to keep its units inside.
    ImmutableMap<String, String> environment();

    /// SIGKILL; returns once all of them are gone.
    void kill() throws IOException, LocalException;

    /// Returns once none of them runs on.
    void pause() throws IOException, LocalException;

    void resume() throws IOException, LocalException;

    boolean paused() throws IOException;

    boolean empty() throws IOException;
}
