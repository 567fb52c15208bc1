package io.flota.examples.nodes;

import static io.flota.examples.nodes.TestNodes.eventually;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.flota.examples.Api;
import io.flota.examples.Traffic;
import io.flota.examples.Unitctl;
import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/// The web application of `examples/quiz`, with PostgreSQL, HAProxy, nftables and Prometheus, on machines that can really
/// die.
@RealNodes
class QuizIT {
    private static final String ENDPOINT = "10.88.0.100";
    private static final String[] UNITS = {
        "quiz-firewall", "quiz-files", "quiz-db@1", "quiz-db@2", "quiz-db@3", "quiz@1", "quiz@2", "quiz@3", "quiz-front",
        "quiz-address", "quiz-metrics",
    };
    private static final int PATIENCE_MILLIS = 1000;

    @RegisterExtension
    static final TestNodes NODES = TestNodes.with("--services");

    @TempDir
    Path folder;

    private Api api;

    @BeforeEach
    void start() throws IOException {
        api = TestNodes.api("node-1");
        eventually(() -> assertThat(api.hosts()).hasSize(3));
        var shared = Files.createDirectories(TestNodes.home().resolve("shared/quiz"));
        for (var program : List.of("app/quiz.py", "app/page.html", "app/files.py", "database/book.py", "database/server.py",
                "database/keeper.py")) {
            Files.copy(Path.of("quiz", program), shared.resolve(Path.of(program).getFileName()), StandardCopyOption.REPLACE_EXISTING);
        }
        unitctl(Stream.concat(Stream.of("start"), Stream.of(UNITS)).toArray(String[]::new)).ok();
        eventually(() -> assertThat(Traffic.get(page("/questions"))).contains("flota"));
        eventually(() -> assertThat(book("node-1", "sync")).matches("[0-9a-f]{32}"));
    }

    @AfterEach
    void asBefore() {
        try {
            TestNodes.mend();
            eventually(() -> assertThat(api.hosts()).hasSize(3)); // one that was cut off stops what it ran once it is back
            var units = unitctl("list-unit-files", "--no-legend", "--fields", "unit").lines();
            unitctl(Stream.concat(Stream.of("destroy"), units.stream()).toArray(String[]::new)).ok();
            eventually(() -> TestNodes.names().forEach(node -> TestNodes.on(node, """
                    ! nft list tables | grep quiz && ! pgrep -a 'postgres|haproxy|prometheus' && ! ip address | grep 10.88.0.100/ \
                      && rm -rf /var/lib/flota-quiz* /var/lib/private/flota-quiz*
                    """)));
            TestNodes.on("node-1", "set -a; . /etc/environment; etcdctl del /quiz/database; rm -rf /srv/shared/quiz");
        } finally {
            api.close();
        }
    }

    @Test
    void fourServersTakeTurnsAndVisitorsReachPort80Alone() throws Exception {
        assertThat(Traffic.get(page("/"))).contains("<title>Quiz</title>");

        unitctl("scale", "quiz@", "4").ok();

        eventually(() -> assertThat(servers()).containsExactly("quiz1", "quiz2", "quiz3", "quiz4"));
        for (var node : TestNodes.names()) {
            for (int port : List.of(5432, 8070)) {
                assertThat(TestNodes.on("node-1", reach(node, port))).isEqualTo("reached\n");
                assertThatThrownBy(() -> connect(node, port)).isInstanceOf(SocketTimeoutException.class);
            }
            connect(node, 80);
        }
        assertThat(unitctl("journal", "-n", "20", "quiz@*", "quiz-db@*").ok()).contains("quiz@4.service", "quiz-db@1.service");
    }

    @Test
    void aServerThatIsDownRaisesAnAlertUntilItIsBack() {
        eventually(() -> assertThat(Traffic.get(prometheus("query?query=count(up==1)"))).contains("\"3\"]"));
        assertThat(alerts()).doesNotContain("QuizServerDown");

        unitctl("stop", "quiz@2").ok();

        eventually(() -> assertThat(alerts()).contains("QuizServerDown", "\"quiz@2\"", "firing"));
        unitctl("start", "quiz@2").ok();
        eventually(() -> assertThat(alerts()).doesNotContain("QuizServerDown"));
    }

    @Test
    void whatWasAcceptedOutlivesTheMachinesOfThePrimaryAndOfItsSuccessor() throws Exception {
        var out = folder.resolve("played");
        var hosts = api.hosts();
        var client = client("play", folder.resolve("none"), out, "50");
        try {
            for (int term = 1; term <= 2; term++) {
                accepted(out, 100);
                var first = hosts.get(book("node-1", "primary"));
                var other = TestNodes.names().stream().filter(node -> !node.equals(first)).findFirst().orElseThrow();
                assertThat(book(other, "term")).isEqualTo(Integer.toString(term));
                var successor = book(other, "sync");

                TestNodes.run("kill", first);

                eventually(() -> assertThat(book(other, "primary")).isEqualTo(successor));
                accepted(out, 100);
                TestNodes.run("boot", first);
                eventually(() -> assertThat(TestNodes.on(first, query("select status from pg_stat_wal_receiver", "app")))
                        .as("who was the primary is a replica")
                        .isEqualTo("streaming\n"));
                eventually(() -> assertThat(book(other, "sync")).matches("[0-9a-f]{32}"));
            }
        } finally {
            client.destroyForcibly();
        }
        client.waitFor();
        var missing = folder.resolve("missing");
        assertThat(client("check", out, missing).waitFor()).as(Files.readString(folder.resolve("check.err"))).isZero();
        assertThat(missing).isEmptyFile();
        eventually(() -> assertThat(TestNodes.names().stream()
                        .map(node -> TestNodes.on(node, "ls /var/lib/flota-quiz-files | sha256sum"))
                        .distinct())
                .as("all machines have all pictures")
                .hasSize(1));
    }

    @Test
    void aPrimaryThatIsCutOffAcceptsNothingAndGivesUpWhatItHasAlone() throws Exception {
        var first = api.hosts().get(book("node-1", "primary"));
        var other = TestNodes.names().stream().filter(node -> !node.equals(first)).findFirst().orElseThrow();
        var successor = book(other, "sync");

        TestNodes.run("cut", first);
        eventually(() -> assertThat(book(other, "primary")).isEqualTo(successor));
        var outcome = TestNodes.on(first, "timeout 5 " + query("insert into answer values ('cut', 'flota', 2)", "app") + " || echo $?");
        TestNodes.run("heal", first);

        assertThat(outcome).as("it waits until it is given up").isEqualTo("124\n");
        eventually(() -> assertThat(TestNodes.on(first, query("select status from pg_stat_wal_receiver", "app")))
                .isEqualTo("streaming\n"));
        eventually(() -> assertThat(TestNodes.on(first, query("select count(*) from answer", "app"))).isEqualTo("0\n"));
    }

    private static URI page(String path) {
        return URI.create("http://" + ENDPOINT + path);
    }

    private static Unitctl.Result unitctl(String... arguments) {
        return TestNodes.unitctl(Path.of("quiz").toAbsolutePath()).run(arguments);
    }

    /// What the machines know of their databases.
    private static String book(String node, String word) {
        return TestNodes.on(
                        node, "python3 -B /run/flota-quiz-db/keeper.py book | awk -v word=" + word + " '$1 == word { print $2 }'")
                .strip();
    }

    private static String query(String query, String database) {
        return "psql -h /run/flota-quiz-db/socket -U postgres -Atc \"" + query + "\" " + database;
    }

    private static String reach(String node, int port) {
        return "socat -u OPEN:/dev/null TCP:" + TestNodes.address(node) + ":" + port + ",connect-timeout=2 && echo reached";
    }

    private static void connect(String node, int port) throws IOException {
        try (var socket = new Socket()) {
            socket.connect(new InetSocketAddress(TestNodes.address(node), port), PATIENCE_MILLIS);
        }
    }

    private static URI prometheus(String path) {
        var columns = unitctl("list-endpoints", "--no-legend", "quiz-metrics").ok().split("\\s+");
        return URI.create("http://" + columns[3] + ":" + columns[4] + "/api/v1/" + path);
    }

    private static String alerts() {
        try {
            return Traffic.get(prometheus("alerts"));
        } catch (IOException failure) {
            throw new AssertionError("Prometheus does not answer", failure);
        }
    }

    /// The application servers that answered one of several requests.
    private static Set<String> servers() throws IOException {
        var servers = new TreeSet<String>();
        for (int i = 0; i < 8; i++) {
            var connection = (HttpURLConnection) page("/questions").toURL().openConnection();
            assertThat(connection.getResponseCode()).isEqualTo(HttpURLConnection.HTTP_OK);
            servers.add(connection.getHeaderField("X-Server"));
            connection.disconnect();
        }
        return servers;
    }

    /// Waits until so many more answers have been accepted.
    private static void accepted(Path out, int more) throws IOException {
        long before = countAccepted(out);
        eventually(() -> assertThat(countAccepted(out)).isGreaterThan(before + more));
    }

    private static long countAccepted(Path out) throws IOException {
        return Files.readAllLines(out).stream().filter(line -> line.contains(" ok answer ")).count();
    }

    /// The example's client, with the Python of the nodes, on the host's network.
    private Process client(String verb, Path in, Path out, String... more) throws IOException {
        if (!Files.exists(in)) {
            Files.createFile(in);
        }
        var tree = TestNodes.run("tree", "--services").strip();
        return new ProcessBuilder(Stream.concat(
                        Stream.of("chroot", tree, "python3", "-c", Files.readString(Path.of("quiz/client")), verb, ENDPOINT),
                        Stream.of(more))
                .toList())
                .redirectInput(in.toFile())
                .redirectOutput(out.toFile())
                .redirectError(folder.resolve(verb + ".err").toFile())
                .start();
    }
}
