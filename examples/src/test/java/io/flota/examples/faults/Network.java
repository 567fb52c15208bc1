package io.flota.examples.faults;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Properties;
import java.util.Set;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;

/// What lies between the nodes of a local cluster and its etcd members, and can be cut: one way or both, between any
/// two of them, those members among themselves included.
///
/// The members listen ten thousand ports above where everybody looks for them ([#etcdBinary]); relays stand in their
/// places and ask the kernel which node a connection comes from. This needs no privilege. A cut way holds all that goes
/// over it until it is mended, as TCP does over a network that loses packets, or, if it is to refuse, breaks what is
/// open and whatever is opened, as a firewall that rejects. What differs from lost packets: a connection that is opened
/// over a cut way seems established to its client, since its kernel shakes hands with the relay.
final class Network implements AutoCloseable {
    private static final int APART = 10_000;
    private static final int FIRST_MEMBER = 210;
    private static final int CLIENT_PORT = 2379;
    private static final int PEER_PORT = 2380;

    /// Starts an etcd whose listeners stand apart, and changes nothing else of what it is told.
    private static final String BINARY = """
            #!/bin/sh
            PATH=$PATH:/usr/local/bin:/usr/bin
            option=
            for argument do
                shift
                case $option in
                    --listen-client-urls | --listen-peer-urls) argument=${argument%:*}:$((${argument##*:} + APART)) ;;
                esac
                option=$argument
                set -- "$@" "$argument"
            done
            exec etcd "$@"
            """.replace("APART", Integer.toString(APART));

    /// From one node to another. One of both is an etcd member.
    record Way(String from, String to) {
        Way back() {
            return new Way(to, from);
        }
    }

    /// @param refuses whether connections break, instead of falling silent
    record Cut(Set<Way> ways, boolean refuses) {
        Cut {
            ways = Set.copyOf(ways);
        }

        /// Both ways between each of these and each of those.
        static Cut between(Collection<String> these, Collection<String> those, boolean refuses) {
            var ways = new LinkedHashSet<Way>();
            for (var one : these) {
                for (var other : those) {
                    ways.add(new Way(one, other));
                    ways.add(new Way(other, one));
                }
            }
            return new Cut(ways, refuses);
        }
    }

    private final Nodes nodes;
    private final int members;
    private final List<Relay> relays = new ArrayList<>();
    private final List<Cut> cuts = new ArrayList<>();
    private boolean closed;
    private volatile String network = "";
    private volatile int shift;

    /// @param members how many etcd members there will be
    Network(Nodes nodes, int members) {
        this.nodes = nodes;
        this.members = members;
    }

    /// Writes the program that `unitctl local up --etcd-binary` is to be given.
    static Path etcdBinary(Path folder) {
        try {
            var file = folder.resolve("etcd-apart");
            Files.writeString(file, BINARY);
            return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    Nodes nodes() {
        return nodes;
    }

    List<String> memberNames() {
        return IntStream.rangeClosed(1, members).mapToObj(i -> "etcd-" + i).toList();
    }

    /// Where the members themselves listen: what goes there is never cut.
    List<URI> behind() {
        return IntStream.rangeClosed(1, members)
                .mapToObj(i -> "http://" + address(i) + ":" + (CLIENT_PORT + shift + APART))
                .map(URI::create)
                .toList();
    }

    /// Takes the members' places as soon as `unitctl local up` has seen that they are free.
    void open() {
        Awaitility.await().atMost(Duration.ofSeconds(60)).pollInterval(Duration.ofMillis(5)).until(
                () -> memberNames().stream().allMatch(member -> nodes.pid(member).isPresent()));
        readAddresses();
        for (int i = 1; i <= members; i++) {
            for (int port : new int[] {CLIENT_PORT + shift, PEER_PORT + shift}) {
                relays.add(new Relay(
                        this, "etcd-" + i, new InetSocketAddress(address(i), port),
                        new InetSocketAddress(address(i), port + APART)));
            }
        }
    }

    private void readAddresses() {
        var properties = new Properties();
        try (var in = Files.newBufferedReader(nodes.folder().resolve("cluster.properties"))) {
            properties.load(in);
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
        network = properties.getProperty("network");
        shift = Integer.parseInt(properties.getProperty("port-shift"));
    }

    private String address(int member) {
        return network + "." + (FIRST_MEMBER + member);
    }

    synchronized void cut(Cut cut) {
        cuts.add(cut);
        if (cut.refuses()) {
            relays.forEach(relay -> cut.ways().forEach(relay::reset));
        }
    }

    synchronized void mend(Cut cut) {
        cuts.remove(cut);
        notifyAll();
    }

    synchronized void mendAll() {
        cuts.clear();
        notifyAll();
    }

    /// Whether nothing goes this way at present.
    synchronized boolean isCut(Way way) {
        return cuts.stream().anyMatch(cut -> cut.ways().contains(way));
    }

    synchronized boolean refuses(Way way) {
        return cuts.stream().anyMatch(cut -> cut.refuses() && cut.ways().contains(way));
    }

    /// Returns once the way is open.
    synchronized void await(Way way) {
        try {
            while (!closed && isCut(way)) {
                wait();
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        synchronized (this) {
            closed = true;
        }
        mendAll();
        relays.forEach(Relay::close);
    }
}
