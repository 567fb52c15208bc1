package io.flota.examples.nodes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.flota.examples.Api;
import io.flota.examples.Unitctl;
import io.flota.tls.PemFiles;
import io.flota.unitctl.ca.CertificateFolder;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.awaitility.core.ThrowingRunnable;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;

/// Real nodes for all tests of a class, by `examples/nodes/nodes`. They stay for the next class that wants the same, and
/// are gone after the last one in every case; when a test failed, what the daemons logged is printed first. Where nodes
/// cannot run, the tests are skipped, with the reason.
final class TestNodes implements BeforeAllCallback, AfterEachCallback {
    private static final int COUNT = 3;
    /// Only ends a hopeless wait.
    private static final Duration LIMIT = Duration.ofSeconds(90);
    /// Only ends a hopeless call; the first one makes a root file system.
    private static final int LIMIT_MINUTES = 10;

    /// What `nodes up` ends with then.
    static final int OTHERS_ARE_UP = 3;

    private final List<String> options;

    private TestNodes(List<String> options) {
        this.options = options;
    }

    /// @param options of `nodes up`
    static TestNodes with(String... options) {
        return new TestNodes(List.of(options));
    }

    /// Of `nodes up`, as one text.
    String options() {
        return String.join(" ", options);
    }

    /// What a call left behind.
    record Result(int exitCode, String out) {}

    @Override
    public void beforeAll(ExtensionContext context) {
        var check = call("check");
        Assumptions.assumeTrue(check.exitCode() == 0, check.out().strip());
        context.getRoot()
                .getStore(Namespace.create(TestNodes.class))
                .computeIfAbsent(Up.class, _ -> new Up(), Up.class)
                .with(options);
    }

    /// As after [#with], but all that ran is dead, as if this machine had gone down, and nothing is removed.
    static void abandon() throws IOException {
        names().forEach(name -> run("kill", name));
        var process = ProcessHandle.of(etcd()).orElseThrow();
        process.destroyForcibly();
        process.onExit().join();
    }

    private static long etcd() throws IOException {
        return Long.parseLong(Files.readString(home().resolve("etcd.pid")).split(" ")[0]);
    }

    /// @param signal `STOP`, and etcd is away until it is `CONT`
    static void signalEtcd(String signal) throws IOException, InterruptedException {
        var kill = new ProcessBuilder("kill", "-" + signal, Long.toString(etcd()));
        assertThat(kill.inheritIO().start().waitFor()).isZero();
    }

    /// Those that are up. There is one bridge: others have to go before.
    private static final class Up implements AutoCloseable {
        private final Thread lastResort = new Thread(() -> call("down"), "nodes-down");
        private Optional<List<String>> options = Optional.empty();

        void with(List<String> wanted) {
            if (options.filter(wanted::equals).isPresent()) {
                return;
            }
            close();
            var up = Stream.concat(Stream.of("up", "--machines", Integer.toString(COUNT)), wanted.stream());
            options = Optional.of(wanted);
            Runtime.getRuntime().addShutdownHook(lastResort);
            var result = call(up.toArray(String[]::new));
            if (result.exitCode() == OTHERS_ARE_UP) {
                Runtime.getRuntime().removeShutdownHook(lastResort);
                options = Optional.empty(); // they are somebody else's, and stay
            }
            assertThat(result.exitCode()).as(result.out()).isZero();
        }

        @Override
        public void close() {
            if (options.isPresent()) {
                Runtime.getRuntime().removeShutdownHook(lastResort);
                options = Optional.empty();
                run("down");
            }
        }
    }

    @Override
    public void afterEach(ExtensionContext context) {
        if (context.getExecutionException().isPresent()) {
            System.err.println(call("status").out());
            names().forEach(name -> System.err.println("---- " + name + "\n" + call(
                    "exec", name, "--", "journalctl", "--no-pager", "-n", "60", "-u", "flota-agent", "-u", "flota-scheduler", "-u", "flotad").out()));
        }
    }

    static List<String> names() {
        return IntStream.rangeClosed(1, COUNT).mapToObj(number -> "node-" + number).toList();
    }

    static String address(String node) {
        return "10.88.0." + (10 + Integer.parseInt(node.substring("node-".length())));
    }

    /// What the scheduler on a node says.
    static Api api(String node) {
        var carrier = address(node) + ":4470";
        try {
            return Files.exists(certificates().path()) ? new Api(carrier, operator()) : new Api(carrier);
        } catch (IOException failure) {
            throw new AssertionError("the operator's certificate cannot be used", failure);
        }
    }

    static Unitctl unitctl(Path folder) {
        return new Unitctl(folder, Map.of("UNITCTL_CONFIG", home().resolve("unitctl.toml").toString()));
    }

    /// Of nodes with `--tls`.
    static CertificateFolder certificates() {
        return new CertificateFolder(home().resolve("tls"));
    }

    static PemFiles operator() {
        return certificates().files("unitctl");
    }

    /// Where nodes live while they are up.
    static Path home() {
        return Path.of(System.getenv().getOrDefault("FLOTA_NODES_DIR", "/var/lib/flota-nodes"));
    }

    /// A command of `nodes`, which has to succeed.
    ///
    /// @return what it printed
    static String run(String... arguments) {
        var result = call(arguments);
        if (result.exitCode() != 0) {
            throw new AssertionError("nodes " + String.join(" ", arguments) + " ended with " + result.exitCode() + "\n" + result.out());
        }
        return result.out();
    }

    /// Undoes whatever was done to nodes.
    static void mend() {
        run("status").lines().skip(1).map(line -> line.split(" +")).forEach(columns -> {
            switch (columns[1]) {
                case "down" -> run("boot", columns[0]);
                case "cut" -> run("heal", columns[0]);
                case "paused" -> run("resume", columns[0]);
                default -> {} // up
            }
        });
    }

    /// What a shell on a node prints, once it has succeeded.
    static String on(String node, String script) {
        return run("exec", node, "--", "sh", "-c", script);
    }

    static void eventually(ThrowingRunnable assertion) {
        await().atMost(LIMIT).pollInterval(Duration.ofMillis(200)).ignoreExceptions().untilAsserted(assertion);
    }

    static Result call(String... arguments) {
        var command = Stream.concat(Stream.of(Path.of("nodes/nodes").toAbsolutePath().toString()), Stream.of(arguments));
        try {
            var out = Files.createTempFile("nodes", ".out");
            var builder = new ProcessBuilder(command.toList())
                    .redirectInput(Path.of("/dev/null").toFile())
                    .redirectErrorStream(true)
                    .redirectOutput(out.toFile());
            builder.environment().put("FLOTA_PACKAGES", System.getProperty("flota.packages", "../target"));
            var process = builder.start();
            try {
                if (!process.waitFor(LIMIT_MINUTES, TimeUnit.MINUTES)) {
                    throw new AssertionError("nodes " + String.join(" ", arguments) + " does not end");
                }
                return new Result(process.exitValue(), Files.readString(out, StandardCharsets.UTF_8));
            } finally {
                process.destroyForcibly();
                Files.delete(out);
            }
        } catch (IOException failure) {
            throw new AssertionError("cannot run nodes", failure);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted", interrupted);
        }
    }
}
