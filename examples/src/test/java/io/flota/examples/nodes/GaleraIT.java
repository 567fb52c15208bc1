package io.flota.examples.nodes;

import static io.flota.examples.nodes.TestNodes.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import io.flota.examples.Api;
import io.flota.examples.Unitctl;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/// The Galera cluster of `examples/galera`, with MariaDB's servers, on machines that can really die.
@RealNodes
class GaleraIT {
    private static final String ENDPOINT = "10.88.0.100";
    private static final List<String> SERVERS = List.of("galera@1", "galera@2", "galera@3");

    private static final String[] OTHERS = {"galera-proxy", "galera-address"};

    @RegisterExtension
    static final TestNodes NODES = TestNodes.with("--services");

    @TempDir
    Path folder;

    private Api api;
    private String tree;

    @BeforeEach
    void look() {
        tree = TestNodes.run("tree", "--services").strip();
        api = TestNodes.api("node-1");
        eventually(() -> assertThat(api.hosts()).hasSize(3));
    }

    @AfterEach
    void asBefore() {
        try {
            TestNodes.mend();
            unitctl(words("destroy", SERVERS, OTHERS));
            TestNodes.names().forEach(node -> TestNodes.on(node, "rm -rf /var/lib/flota-galera"));
            book("del");
        } finally {
            api.close();
        }
    }

    @Test
    void whatIsCommittedOutlivesTheLossOfAnyNodeAndAFullStop() throws Exception {
        unitctl(words("start", SERVERS, OTHERS)).ok();
        assertThat(book("get")).as("one server was the first one").contains("generation 1;");
        var out = folder.resolve("written");
        var client = client("write", out);
        try {
            eventually(() -> assertThat(committed(out)).hasSizeGreaterThan(50));
            var victim = api.hosts().get(machinesOf("galera@1").getFirst());

            TestNodes.run("kill", victim);
            int before = committed(out).size();
            eventually(() -> assertThat(committed(out)).hasSizeGreaterThan(before + 50));
            TestNodes.run("boot", victim);

            eventually(() -> assertThat(SERVERS).allSatisfy(server -> assertThat(machinesOf(server)).hasSize(1)));
            eventually(() -> assertThat(serversSeenOn(victim)).isEqualTo("3"));
            assertThat(book("get")).as("nobody was the first one anew").contains("generation 1;");
        } finally {
            client.destroyForcibly();
        }
        client.waitFor();
        eventually(() -> assertThat(there()).containsAll(committed(out)));

        unitctl(words("stop", SERVERS)).ok();
        unitctl(words("start", SERVERS)).ok();

        assertThat(book("get")).as("one server was the first one after the full stop").contains("generation 2;");
        eventually(() -> assertThat(there()).containsAll(committed(out)));
        TestNodes.names().forEach(node -> assertThat(serversSeenOn(node)).isEqualTo("3"));
    }

    /// Galera keeps zeros in `grastate.dat` while a table is altered.
    @Test
    void whatIsCommittedOutlivesALossOfPowerWhileATableIsAltered() throws Exception {
        unitctl(words("start", SERVERS, OTHERS)).ok();
        var out = folder.resolve("written");
        var client = client("write", out);
        try {
            eventually(() -> assertThat(committed(out)).hasSizeGreaterThan(50));
            TestNodes.names().forEach(node -> TestNodes.run("kill", node));
        } finally {
            client.destroyForcibly();
        }
        client.waitFor();
        for (var node : TestNodes.names()) {
            var state = TestNodes.home().resolve(node, "root/var/lib/flota-galera/grastate.dat");
            Files.writeString(state, Files.readString(state).replaceAll("(?m)^uuid:.*", "uuid:    " + new UUID(0, 0)));
        }

        TestNodes.names().forEach(node -> TestNodes.run("boot", node));

        eventually(() -> assertThat(there()).containsAll(committed(out)));
        assertThat(book("get")).as("the same cluster has a new first server").contains("generation 2;");
        eventually(() -> TestNodes.names().forEach(node -> assertThat(serversSeenOn(node)).isEqualTo("3")));
    }

    private static String[] words(String verb, List<String> units, String... more) {
        return Stream.of(Stream.of(verb), units.stream(), Stream.of(more))
                .flatMap(words -> words)
                .toArray(String[]::new);
    }

    private static Unitctl.Result unitctl(String... arguments) {
        return TestNodes.unitctl(Path.of("galera").toAbsolutePath()).run(arguments);
    }

    private List<String> machinesOf(String server) {
        return api.machinesOf(server + ".service").toList();
    }

    /// What the machines know of each other.
    private static String book(String verb) {
        return TestNodes.on("node-1", "set -a; . /etc/environment; etcdctl " + verb + " /galera/book");
    }

    private static String serversSeenOn(String node) {
        return TestNodes.on(node, """
                mariadb --no-defaults -S /run/flota-galera/mariadb.sock -N -B -e "show status like 'wsrep_cluster_size'" |
                    cut -f 2""").strip();
    }

    /// The example's client, with the Python of the nodes, on the host's network.
    private Process client(String verb, Path out) throws IOException {
        return new ProcessBuilder(
                        "chroot", tree, "python3", "-c", Files.readString(Path.of("galera/client")), verb, ENDPOINT)
                .redirectInput(Path.of("/dev/null").toFile())
                .redirectOutput(out.toFile())
                .redirectError(folder.resolve(verb + ".err").toFile())
                .start();
    }

    /// The numbers of the rows that the client was told to be committed.
    private static Set<String> committed(Path out) throws IOException {
        return Files.readAllLines(out).stream()
                .map(line -> line.split(" "))
                .filter(words -> words.length == 3 && words[1].equals("committed"))
                .map(words -> words[2])
                .collect(Collectors.toCollection(TreeSet::new));
    }

    /// The numbers of the rows that are there.
    private Set<String> there() throws Exception {
        var out = folder.resolve("there");
        var client = client("read", out);
        assertThat(client.waitFor()).as(Files.readString(folder.resolve("read.err"))).isZero();
        return new TreeSet<>(Files.readAllLines(out));
    }
}
