package io.flota.examples.bench;

import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/// The web example both ways, with sidecars and natively: machines that are killed and a rolling restart with a visitor on
/// the page, and how long it takes from a change of an endpoint until nginx uses it.
public final class WebBench {
    private static final int ROUNDS = Integer.getInteger("bench.rounds", 5);
    private static final int SWITCHES = 100;
    private static final Duration LIMIT = Duration.ofMinutes(1);
    private static final List<String> APACHES = List.of("apache@1", "apache@2", "apache@3");

    /// @param folder of its unit files
    /// @param units all but the Apaches
    private record Way(String name, Path folder, List<String> units) {
        Stream<String> all() {
            return Stream.concat(APACHES.stream(), units.stream());
        }
    }

    private static final Way SIDECARS = new Way(
            "sidecars", Path.of("web").toAbsolutePath(),
            List.of("apache-announce@1", "apache-announce@2", "apache-announce@3", "nginx", "nginx-announce"));
    private static final Way NATIVE = new Way("native", Path.of("web/native").toAbsolutePath(), List.of("nginx"));

    private final Figures figures = new Figures();

    private WebBench() {}

    public static void main(String[] arguments) throws Exception {
        var bench = new WebBench();
        for (var way : List.of(SIDECARS, NATIVE)) {
            bench.measure(way);
        }
        System.out.print(bench.figures.table());
        System.out.println("Daemons, etcd and visitor shared %d cores; load average %s"
                .formatted(Runtime.getRuntime().availableProcessors(), Files.readString(Path.of("/proc/loadavg")).strip()));
    }

    private void measure(Way way) throws Exception {
        try (var stage = Stage.open("--machines", "3", "--ttl", "5s", "--environment", "WEB_ADDRESS={network}.190")) {
            var machine = stage.cluster().ipOf("machine-1");
            var page = URI.create("http://" + machine.substring(0, machine.lastIndexOf('.')) + ".190:8080/");
            for (int round = 0; round < ROUNDS; round++) { // from the start, lest the machine that was killed has no Apache
                start(stage, way, way.all());
                stage.awaitUnits(_ -> allAnswer(page));
                rollingRestart(stage, way, page);
                kill(stage, way, page);
                stage.unitctl(way.folder(), "destroy", "*");
                stage.awaitUnits(List::isEmpty);
            }
            switches(stage, way, machine, page);
        }
    }

    private static void start(Stage stage, Way way, Stream<String> units) {
        stage.unitctl(way.folder(), Stream.concat(Stream.of("start"), units).toArray(String[]::new));
        stage.awaitUnits(all -> Stage.allActiveBeside("", all));
    }

    /// Whether nginx asks each of the Apaches, and no process of it knows fewer of them.
    private static boolean allAnswer(URI page) {
        var answers = Stream.generate(() -> Visitor.answer(page)).limit(30).toList();
        return answers.stream().allMatch(Optional::isPresent)
                && APACHES.stream().allMatch(apache -> answers.stream().anyMatch(answer -> answer.orElseThrow().contains(apache)));
    }

    private void rollingRestart(Stage stage, Way way, URI page) {
        var visitor = new Visitor(page);
        try (visitor) {
            await().until(() -> visitor.sent() >= 50);
            stage.unitctl(
                    way.folder(), Stream.concat(Stream.of("restart", "--rolling"), APACHES.stream()).toArray(String[]::new));
            stage.awaitUnits(all -> Stage.allActiveBeside("", all));
        }
        figures.add(way.name() + ": rolling restart of 3 Apaches: failed requests", "", visitor.failed());
        figures.add(way.name() + ": rolling restart of 3 Apaches: requests", "", visitor.sent());
    }

    /// Of a machine that nginx is not on.
    private void kill(Stage stage, Way way, URI page) throws Exception {
        var nginx = stage.machineOf("nginx.service");
        var victim = stage.cluster().nodes()
                .filter(node -> node.name().startsWith("machine-") && !node.address().startsWith(nginx.getPublicIp() + ":"))
                .findFirst()
                .orElseThrow();
        var id = idOf(stage, victim.address());
        var visitor = new Visitor(page);
        try (visitor) {
            await().until(() -> visitor.sent() >= 50);
            long start = System.nanoTime();
            stage.cluster().kill(victim.name());
            stage.awaitUnits(units -> Stage.allActiveBeside(id, units));
            figures.add(way.name() + ": a machine without nginx killed: until all units are active", "ms", Stage.millisSince(start));
            stage.awaitUnits(_ -> Visitor.serves(page));
        }
        figures.add(way.name() + ": a machine without nginx killed: failed requests", "", visitor.failed());
        figures.add(way.name() + ": a machine without nginx killed: requests", "", visitor.sent());
        stage.cluster().restart(victim.name());
        await().atMost(LIMIT).until(() -> stage.cluster().unitctl("list-machines", "--no-legend").lines().size() == 3);
    }

    private static String idOf(Stage stage, String address) {
        var ip = address.substring(0, address.lastIndexOf(':'));
        return stage.cluster().unitctl("list-machines", "--full", "--no-legend", "--fields", "machine,ip").lines().stream()
                .map(line -> line.split("\t+"))
                .filter(columns -> columns[1].equals(ip))
                .findFirst()
                .orElseThrow()[0];
    }

    /// One server after the other is the only one: how long until nginx asks it.
    private void switches(Stage stage, Way way, String ip, URI page) throws Exception {
        start(stage, way, way.units().stream().filter(unit -> unit.startsWith("nginx")));
        try (var one = new Server(ip, "one"); var other = new Server(ip, "other")) {
            for (int i = 0; i <= SWITCHES; i++) {
                var next = i % 2 == 0 ? one : other;
                long start = System.nanoTime();
                announce(stage, way, ip, next.port());
                await().atMost(LIMIT).pollDelay(Duration.ZERO).pollInterval(Duration.ofMillis(1)).until(
                        () -> Visitor.answer(page).filter(next.name()::equals).isPresent());
                if (i > 0) { // before the first there was none
                    figures.add(way.name() + ": an endpoint changes, until nginx uses it", "ms", Stage.millisSince(start));
                }
            }
        }
    }

    private static void announce(Stage stage, Way way, String ip, int port) throws IOException, InterruptedException {
        var command = way.equals(NATIVE)
                ? List.of(
                        "curl", "-sSf", "--unix-socket",
                        stage.cluster().folder().resolve("machine-1/run/agent.sock").toString(), "-X", "PUT",
                        "http://flota/v1/endpoints/web/extra.service?ttl=1h&port=" + port)
                : List.of(
                        "etcdctl", "--endpoints", stage.cluster().etcdEndpoint(), "put", "/web/apache/extra/x", ip + ":" + port);
        var process = new ProcessBuilder(command).redirectErrorStream(true).start();
        var said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (process.waitFor() != 0) {
            throw new IOException(String.join(" ", command) + ": " + said);
        }
    }

    /// Answers with its name.
    private record Server(HttpServer server, String name) implements AutoCloseable {
        Server(String ip, String name) throws IOException {
            this(HttpServer.create(new InetSocketAddress(ip, 0), 0), name);
            server.createContext("/", exchange -> {
                exchange.sendResponseHeaders(200, name.length());
                try (var body = exchange.getResponseBody()) {
                    body.write(name.getBytes(StandardCharsets.UTF_8));
                }
            });
            server.start();
        }

        int port() {
            return server.getAddress().getPort();
        }

        @Override
        public void close() {
            server.stop(0);
        }
    }
}
