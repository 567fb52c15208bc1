package io.flota.unitctl.local;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSortedMap;
import com.google.common.hash.Hashing;
import com.google.common.net.InetAddresses;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/// The nodes that a [ClusterSpec] asks for: addresses, commands, files. Pure.
final class Blueprint {
    private static final int ETCD_CLIENT_PORT = 2379;
    private static final int ETCD_PEER_PORT = 2380;
    private static final int CARRIER_PORT = 4470;
    private static final int SCHEDULER_GRPC_PORT = 4471;
    private static final int AGENT_PORT = 4472;

    /// Machines have the low addresses of the network, as the operator meets those.
    private static final int FIRST_SCHEDULER = 200;

    private static final int FIRST_ETCD = 210;
    static final int MOST_MACHINES = 199;
    static final int MOST_OTHERS = 9;

    /// The agent hands it on to its units, by which those are found where there are no cgroups.
    private static final String MACHINE_ID = "FLOTA_MACHINE_ID";

    /// What is installed on this host is another cluster.
    private static final String NO_SETTINGS = "/dev/null";

    private final ClusterSpec spec;
    private final Path folder;
    private final Path programs;

    /// @param programs where flota-scheduler and flota-agent are
    Blueprint(ClusterSpec spec, Path folder, Path programs) {
        this.spec = spec;
        this.folder = folder;
        this.programs = programs;
    }

    /// The certificates, if this is a cluster with TLS.
    Optional<LocalTls> tls() {
        return spec.tls() ? Optional.of(LocalTls.in(folder)) : Optional.empty();
    }

    /// In the order in which they depend on each other.
    ImmutableList<Node> nodes() {
        var nodes = ImmutableList.<Node>builder();
        IntStream.rangeClosed(1, spec.etcdMembers()).mapToObj(this::etcd).forEach(nodes::add);
        IntStream.rangeClosed(1, spec.schedulers()).mapToObj(this::scheduler).forEach(nodes::add);
        IntStream.rangeClosed(1, spec.machines()).mapToObj(this::machine).forEach(nodes::add);
        return nodes.build();
    }

    /// What `UNITCTL_ENDPOINT` is to be.
    String endpoints() {
        return IntStream.rangeClosed(1, spec.schedulers())
                .mapToObj(i -> text(carrier(i)))
                .collect(Collectors.joining(","));
    }

    /// Whether unitctl finds this cluster without being told where.
    boolean isDefault() {
        return !spec.front().isEmpty();
    }

    ImmutableList<String> machineIds() {
        return IntStream.rangeClosed(1, spec.machines()).mapToObj(this::machineId).collect(ImmutableList.toImmutableList());
    }

    /// The file that stands in for /etc/environment on a machine.
    String environmentFile(Node machine) {
        var address = machine.listens().getFirst().getAddress().getHostAddress();
        var lines = new ArrayList<String>();
        lines.add("COREOS_PUBLIC_IPV4=" + address);
        lines.add("COREOS_PRIVATE_IPV4=" + address);
        lines.add("ETCDCTL_API=3");
        lines.add("ETCDCTL_ENDPOINTS=" + etcdEndpoints());
        tls().ifPresent(tls -> lines.addAll(tls.environment(machine.name())));
        spec.environment().forEach(line -> lines.add(line.replace("{network}", spec.network())));
        return String.join("\n", lines) + "\n";
    }

    static Path environmentFileOf(Node machine) {
        return machine.folder().resolve("environment");
    }

    /// What belongs to the machine's boot and is gone when it is killed, as /run is: the agent's state, and what its
    /// units keep in `%t/flota-%m`, which is how machines that share a host keep theirs apart.
    static ImmutableList<Path> bootFoldersOf(Node machine) {
        return ImmutableList.of(
                machine.folder().resolve("run"),
                Path.of("/run/flota-" + machine.environment().get(MACHINE_ID)));
    }

    /// Begins with the machine's number, so that lists by id have the machines in their order.
    private String machineId(int machine) {
        return "%02x".formatted(machine) + hash(folder + "/machine-" + machine).substring(2);
    }

    /// Tells clusters on one host apart where they share a namespace: cgroups, and marks in process environments.
    static String clusterId(Path folder) {
        return "flota-" + hash(folder.toString()).substring(0, 8);
    }

    private Node etcd(int index) {
        var name = "etcd-" + index;
        var client = scheme() + text(etcdClient(index));
        var peer = scheme() + text(etcdPeer(index));
        var members = IntStream.rangeClosed(1, spec.etcdMembers())
                .mapToObj(i -> "etcd-" + i + "=" + scheme() + text(etcdPeer(i)))
                .collect(Collectors.joining(","));
        return new Node(
                name,
                Node.Kind.ETCD,
                folder.resolve(name),
                ImmutableList.of(etcdClient(index), etcdPeer(index)),
                command(
                        Path.of(spec.etcdBinary()),
                        List.of("--name", name, "--data-dir", folder.resolve(name).resolve("data").toString()),
                        List.of("--listen-client-urls", client, "--advertise-client-urls", client),
                        List.of("--listen-peer-urls", peer, "--initial-advertise-peer-urls", peer),
                        List.of("--initial-cluster", members, "--initial-cluster-token", clusterId(folder)),
                        List.of("--auto-compaction-mode", "periodic", "--auto-compaction-retention", "10m"),
                        List.of("--logger", "zap", "--log-level", "warn"),
                        tls().map(tls -> tls.etcdOptions(name)).orElse(ImmutableList.of())),
                environment(name));
    }

    private Node scheduler(int index) {
        var name = "scheduler-" + index;
        return new Node(
                name,
                Node.Kind.SCHEDULER,
                folder.resolve(name),
                ImmutableList.of(carrier(index), schedulerGrpc(index)),
                command(
                        programs.resolve("flota-scheduler"),
                        List.of("--config", NO_SETTINGS, "--id", name, "--leader-ttl", spec.ttl()),
                        List.of("--etcd-endpoints", etcdEndpoints()),
                        List.of("--listen", text(carrier(index)), "--listen-grpc", text(schedulerGrpc(index))),
                        tls().map(tls -> tls.daemonOptions(name)).orElse(ImmutableList.of()),
                        spec.schedulerOptions()),
                environment(name));
    }

    private Node machine(int index) {
        var name = "machine-" + index;
        var listen = address(index, AGENT_PORT);
        var address = listen.getAddress().getHostAddress();
        var machine = folder.resolve(name);
        return new Node(
                name,
                Node.Kind.MACHINE,
                machine,
                ImmutableList.of(listen),
                command(
                        programs.resolve("flota-agent"),
                        List.of("--config", NO_SETTINGS),
                        List.of("--machine-id", machineId(index), "--hostname", name, "--runtime", "exec"),
                        List.of("--etcd-endpoints", etcdEndpoints(), "--ttl", spec.ttl()),
                        List.of("--listen", text(listen), "--public-ip", address, "--private-ip", address),
                        List.of("--metadata", metadata(index), "--state-dir", machine.resolve("run").toString()),
                        List.of("--environment-file", machine.resolve("environment").toString()),
                        tls().map(tls -> tls.daemonOptions(name)).orElse(ImmutableList.of()),
                        spec.agentOptions()),
                ImmutableSortedMap.<String, String>naturalOrder()
                        .putAll(environment(name))
                        .put(MACHINE_ID, machineId(index))
                        .build());
    }

    private String metadata(int index) {
        var own = "machine-" + index + ":";
        var pairs = new ArrayList<String>();
        pairs.add("machine=" + index);
        for (var pair : spec.metadata()) {
            if (pair.startsWith(own)) {
                pairs.add(pair.substring(own.length()));
            } else if (!pair.substring(0, Math.max(0, pair.indexOf('='))).contains(":")) {
                pairs.add(pair);
            }
        }
        return String.join(",", pairs);
    }

    private ImmutableSortedMap<String, String> environment(String node) {
        return ImmutableSortedMap.of(TreeEnclosure.MARK, TreeEnclosure.mark(folder, node));
    }

    @SafeVarargs
    private static ImmutableList<String> command(Path program, List<String>... arguments) {
        var command = ImmutableList.<String>builder().add(program.toString());
        for (var group : arguments) {
            command.addAll(group);
        }
        return command.build();
    }

    private String etcdEndpoints() {
        return IntStream.rangeClosed(1, spec.etcdMembers())
                .mapToObj(i -> scheme() + text(etcdClient(i)))
                .collect(Collectors.joining(","));
    }

    private String scheme() {
        return spec.tls() ? "https://" : "http://";
    }

    private InetSocketAddress etcdClient(int index) {
        return address(FIRST_ETCD + index, ETCD_CLIENT_PORT);
    }

    private InetSocketAddress etcdPeer(int index) {
        return address(FIRST_ETCD + index, ETCD_PEER_PORT);
    }

    private InetSocketAddress carrier(int index) {
        return scheduler(index, CARRIER_PORT);
    }

    private InetSocketAddress schedulerGrpc(int index) {
        return scheduler(index, SCHEDULER_GRPC_PORT);
    }

    /// The first scheduler of the default cluster is where unitctl looks by itself: no shift there.
    private InetSocketAddress scheduler(int index, int port) {
        return index == 1 && !spec.front().isEmpty()
                ? new InetSocketAddress(InetAddresses.forString(spec.front()), port)
                : address(FIRST_SCHEDULER + index, port);
    }

    private InetSocketAddress address(int last, int port) {
        return new InetSocketAddress(
                InetAddresses.forString(spec.network() + "." + last), port + spec.portShift());
    }

    private static String text(InetSocketAddress address) {
        return address.getAddress().getHostAddress() + ":" + address.getPort();
    }

    private static String hash(String text) {
        return Hashing.sha256().hashString(text, StandardCharsets.UTF_8).toString().substring(0, 32);
    }
}
