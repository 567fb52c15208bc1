package io.flota.unitctl.local;

import com.google.common.collect.ImmutableList;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// `unitctl local up`.
@Command(name = "up", description = "Starts a cluster, or what of it does not run, and waits until it is of use.")
final class UpCommand extends LocalCommand.Verb {
    @Option(names = "--machines", paramLabel = "N", description = "How many machines. Default: 3.")
    private Optional<Integer> machines = Optional.empty();

    @Option(names = "--schedulers", paramLabel = "N", description = "How many schedulers, one of which leads. Default: 1.")
    private Optional<Integer> schedulers = Optional.empty();

    @Option(names = "--etcd", paramLabel = "N", description = "How many etcd members: 1, 3, 5 or 7. Default: 1.")
    private Optional<Integer> etcdMembers = Optional.empty();

    @Option(
            names = "--ttl",
            paramLabel = "TIME",
            description = "After which silence a machine or a leader counts as lost. Default: 5s.")
    private Optional<String> ttl = Optional.empty();

    @Option(
            names = "--network",
            paramLabel = "127.X.Y",
            description = "The loopback network that the nodes listen on. Default: one that is free.")
    private Optional<String> network = Optional.empty();

    @Option(names = "--etcd-binary", paramLabel = "FILE", description = "Default: the etcd on PATH.")
    private Optional<String> etcdBinary = Optional.empty();

    @Option(names = "--tls", description = "Certificates on both sides of every connection, etcd's included.")
    private boolean tls;

    @Option(
            names = "--metadata",
            paramLabel = "[MACHINE:]K=V",
            description = "Metadata of all machines, or of one (machine-2:rack=b). May be given several times.")
    private List<String> metadata = List.of();

    @Option(
            names = "--environment",
            paramLabel = "K=V",
            description = "A line of what is /etc/environment to the units; {network} stands for the three bytes that all"
                    + " addresses begin with. May be given several times.")
    private List<String> environment = List.of();

    @Option(
            names = "--agent-option",
            paramLabel = "OPTION",
            description = "Handed on to every flota-agent, such as --agent-option=--on-stop=keep.")
    private List<String> agentOptions = List.of();

    @Option(names = "--scheduler-option", paramLabel = "OPTION", description = "Handed on to every flota-scheduler.")
    private List<String> schedulerOptions = List.of();

    @Override
    void act(LocalCluster cluster) throws IOException, LocalException {
        refuseOdd("--machines", machines, Blueprint.MOST_MACHINES);
        refuseOdd("--schedulers", schedulers, Blueprint.MOST_OTHERS);
        refuseOdd("--etcd", etcdMembers, Blueprint.MOST_OTHERS);
        if (network.isPresent() && !network.get().matches("127(\\.[0-9]{1,3}){2}")) {
            throw new LocalException("--network %s is not like 127.0.10".formatted(network.get()));
        }
        refuseUnlike("--metadata", metadata, "rack=a or machine-2:rack=a");
        refuseUnlike("--environment", environment, "WEB_ADDRESS=127.0.0.1");
        try (var _ = cluster.lock()) {
            var blueprint = cluster.up(asked());
            show(cluster);
            if (blueprint.tls().isPresent()) {
                say("export UNITCTL_CONFIG=" + blueprint.tls().get().writeSettings(blueprint.endpoints()));
            } else if (!blueprint.isDefault()) {
                say("export UNITCTL_ENDPOINT=" + blueprint.endpoints());
            }
        }
    }

    private static void refuseUnlike(String option, List<String> pairs, String example) throws LocalException {
        for (var pair : pairs) {
            if (!pair.contains("=")) {
                throw new LocalException("%s %s is not like %s".formatted(option, pair, example));
            }
        }
    }

    private static void refuseOdd(String option, Optional<Integer> number, int most) throws LocalException {
        if (number.isPresent() && (number.get() < 1 || number.get() > most)) {
            throw new LocalException("%s %d: give 1 to %d".formatted(option, number.get(), most));
        }
    }

    private Asked asked() {
        return new Asked(
                asInt(machines),
                asInt(schedulers),
                asInt(etcdMembers),
                ttl,
                network,
                etcdBinary,
                tls,
                ImmutableList.copyOf(metadata),
                ImmutableList.copyOf(environment),
                ImmutableList.copyOf(agentOptions),
                ImmutableList.copyOf(schedulerOptions));
    }

    private static OptionalInt asInt(Optional<Integer> number) {
        return number.map(OptionalInt::of).orElseGet(OptionalInt::empty);
    }
}
