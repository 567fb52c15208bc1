package io.flota.unitctl.local;

import com.google.common.collect.ImmutableList;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/// What `up` was told on its command line; empty is what the operator did not say. Pure.
record Asked(
        OptionalInt machines,
        OptionalInt schedulers,
        OptionalInt etcdMembers,
        Optional<String> ttl,
        Optional<String> network,
        Optional<String> etcdBinary,
        boolean tls,
        ImmutableList<String> metadata,
        ImmutableList<String> environment,
        ImmutableList<String> agentOptions,
        ImmutableList<String> schedulerOptions) {
    private static final int NETWORKS_TO_TRY = 40;
    private static final int SHIFTS_TO_TRY = 10;
    private static final int SHIFT = 100;

    /// For a folder without a cluster: what to try, best first, until one is found whose ports are free.
    ///
    /// @param isDefault whether this is the cluster that unitctl finds by itself
    /// @param seed spreads the networks of several clusters, so that those started at once do not race for one
    Stream<ClusterSpec> fresh(boolean isDefault, int seed, String etcdFound) {
        var networks = network.map(List::of).orElseGet(() -> networks(isDefault, seed));
        return IntStream.range(0, SHIFTS_TO_TRY)
                .boxed()
                .flatMap(shift -> networks.stream().map(candidate -> new ClusterSpec(
                        machines.orElse(3),
                        schedulers.orElse(1),
                        etcdMembers.orElse(1),
                        ttl.orElse("5s"),
                        candidate,
                        shift * SHIFT,
                        isDefault ? "127.0.0.1" : "",
                        etcdBinary.orElse(etcdFound),
                        tls,
                        metadata,
                        environment,
                        agentOptions,
                        schedulerOptions)));
    }

    private static List<String> networks(boolean isDefault, int seed) {
        return IntStream.range(0, NETWORKS_TO_TRY)
                .mapToObj(i -> isDefault ? "127.0." + (10 + i) : scattered(seed + i))
                .toList();
    }

    private static String scattered(int number) {
        return "127." + (20 + Math.floorMod(number, 200)) + "." + (1 + Math.floorMod(number / 200, 250));
    }

    /// The cluster that is in the folder, with what is now asked of it.
    ClusterSpec over(ClusterSpec kept) {
        return new ClusterSpec(
                machines.orElse(kept.machines()),
                schedulers.orElse(kept.schedulers()),
                etcdMembers.orElse(kept.etcdMembers()),
                ttl.orElse(kept.ttl()),
                network.orElse(kept.network()),
                kept.portShift(),
                kept.front(),
                etcdBinary.orElse(kept.etcdBinary()),
                tls || kept.tls(),
                metadata.isEmpty() ? kept.metadata() : metadata,
                environment.isEmpty() ? kept.environment() : environment,
                agentOptions.isEmpty() ? kept.agentOptions() : agentOptions,
                schedulerOptions.isEmpty() ? kept.schedulerOptions() : schedulerOptions);
    }

    /// Why a cluster cannot become another one as it is; empty if it can.
    ///
    /// @param runs whether any node of it runs: then it can only grow
    static Optional<String> hindrance(ClusterSpec kept, ClusterSpec wanted, boolean runs) {
        if (kept.etcdMembers() != wanted.etcdMembers()
                || !kept.network().equals(wanted.network())
                || kept.tls() != wanted.tls()) {
            return Optional.of(
                    "its etcd was made with --etcd %d --network %s%s; `unitctl local down --purge` forgets it"
                    .formatted(kept.etcdMembers(), kept.network(), kept.tls() ? " --tls" : ""));
        }
        if (!runs) {
            return Optional.empty();
        }
        var differences = new ArrayList<String>();
        var settings = wanted.settings();
        kept.settings().forEach((name, value) -> {
            if (!value.equals(settings.get(name)) && !name.equals("machines") && !name.equals("schedulers")) {
                differences.add("--" + name + " " + value.replace("\n", " "));
            }
        });
        if (wanted.machines() < kept.machines()) {
            differences.add("--machines " + kept.machines());
        }
        if (wanted.schedulers() < kept.schedulers()) {
            differences.add("--schedulers " + kept.schedulers());
        }
        return differences.isEmpty()
                ? Optional.empty()
                : Optional.of("it runs with " + String.join(" ", differences) + "; `unitctl local down` first");
    }
}
