package io.flota.examples;

import io.flota.unitctl.ca.CertificateFolder;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/// A cluster of its own for a test (an instance field with `@RegisterExtension`) or for all tests of a class (a static
/// one): `unitctl local` in a temporary folder, on a free loopback network. Gone afterwards in every case; when a test
/// failed, what the daemons logged is printed first.
public final class LocalCluster
        implements AutoCloseable, BeforeAllCallback, BeforeEachCallback, AfterEachCallback, AfterAllCallback {
    private static final int LOG_LINES = 60;

    private final List<String> options;
    private final Thread lastResort = new Thread(this::down, "local-cluster-down");
    private final AtomicBoolean isUp = new AtomicBoolean();
    private final AtomicBoolean forAllTests = new AtomicBoolean();
    private final Path folder;
    /// By node. They stay as they are, whatever becomes of it, until there is another cluster.
    private final AtomicReference<Map<String, String>> addresses = new AtomicReference<>(Map.of());

    private LocalCluster(List<String> options) {
        this.options = options;
        try {
            this.folder = Files.createTempDirectory("flota-local");
        } catch (IOException failure) {
            throw new AssertionError("no temporary folder", failure);
        }
    }

    /// @param options of `unitctl local up`
    public static LocalCluster with(String... options) {
        return new LocalCluster(List.of(options));
    }

    public LocalCluster up() {
        Runtime.getRuntime().addShutdownHook(lastResort);
        isUp.set(true);
        local("up", options.toArray(String[]::new)).ok();
        return this;
    }

    @Override
    public void close() {
        if (isUp.compareAndSet(true, false)) {
            Runtime.getRuntime().removeShutdownHook(lastResort);
        }
        down();
    }

    private void down() {
        local("down", "--purge").ok();
    }

    /// `unitctl local VERB` for this cluster.
    public Unitctl.Result local(String verb, String... arguments) {
        if (!verb.equals("status")) {
            addresses.set(Map.of());
        }
        var all = new ArrayList<>(List.of("local", verb, "--dir", folder.toString()));
        all.addAll(List.of(arguments));
        return new Unitctl(Path.of("").toAbsolutePath(), Map.of()).run(all.toArray(String[]::new));
    }

    /// SIGKILL for the whole machine, or the scheduler, or the etcd member.
    public void kill(String node) {
        local("kill", node).ok();
    }

    public void killAgent(String machine) {
        local("kill", "--agent", machine).ok();
    }

    public void pause(String node) {
        local("pause", node).ok();
    }

    public void resume(String node) {
        local("resume", node).ok();
    }

    public void restart(String node) {
        local("restart", node).ok();
    }

    public void restartAgent(String machine) {
        local("restart", "--agent", machine).ok();
    }

    /// A unitctl that speaks to this cluster.
    public Unitctl unitctl() {
        return options.contains("--tls")
                ? new Unitctl(folder, Map.of("UNITCTL_CONFIG", certificates().path() + "/unitctl.toml"))
                : new Unitctl(folder, Map.of("UNITCTL_ENDPOINT", endpoint()));
    }

    public Unitctl.Result unitctl(String... arguments) {
        return unitctl().run(arguments);
    }

    /// Of all schedulers, as `--endpoint` takes it.
    public String endpoint() {
        return addresses().entrySet().stream()
                .filter(node -> node.getKey().startsWith("scheduler-"))
                .map(Map.Entry::getValue)
                .collect(Collectors.joining(","));
    }

    public String etcdEndpoint() {
        return (options.contains("--tls") ? "https://" : "http://") + addressOf("etcd-1");
    }

    /// Of a cluster with `--tls`.
    public CertificateFolder certificates() {
        return new CertificateFolder(folder.resolve("tls"));
    }

    public String leader() {
        return nodes().filter(node -> node.state().endsWith("leads")).findFirst().orElseThrow().name();
    }

    public String ipOf(String machine) {
        var address = addressOf(machine);
        return address.substring(0, address.lastIndexOf(':'));
    }

    /// A process of unitctl for all of them is dear where it is asked for each request of a test.
    private Map<String, String> addresses() {
        return addresses.updateAndGet(known -> known.isEmpty()
                ? nodes().collect(Collectors.toMap(Node::name, Node::address, (first, _) -> first, LinkedHashMap::new))
                : known);
    }

    private String addressOf(String node) {
        return Optional.ofNullable(addresses().get(node)).orElseThrow();
    }

    public Path folder() {
        return folder;
    }

    /// A line of `unitctl local status`.
    ///
    /// @param pid of its own process: the agent's, for a machine; `-` if it does not run
    public record Node(String name, String state, String pid, String address) {
        static Node parse(String line) {
            var columns = line.split(" {2,}");
            return new Node(columns[0], columns[1], columns[2], columns[3]);
        }
    }

    public Stream<Node> nodes() {
        return local("status").lines().stream().skip(1).map(Node::parse);
    }

    public Node node(String name) {
        return nodes().filter(node -> node.name().equals(name)).findFirst().orElseThrow();
    }

    @Override
    public void beforeAll(ExtensionContext context) {
        forAllTests.set(true);
        up();
    }

    @Override
    public void beforeEach(ExtensionContext context) {
        if (!isUp.get()) {
            up();
        }
    }

    @Override
    public void afterEach(ExtensionContext context) {
        if (context.getExecutionException().isPresent()) {
            printLogs();
        }
        if (!forAllTests.get()) {
            close();
        }
    }

    @Override
    public void afterAll(ExtensionContext context) {
        close();
    }

    private void printLogs() {
        try (var walk = Files.walk(folder, 2)) {
            for (var log : walk.filter(file -> file.endsWith("log")).sorted().toList()) {
                var lines = new String(Files.readAllBytes(log), StandardCharsets.UTF_8).lines().toList();
                System.err.println("---- " + folder.relativize(log));
                lines.subList(Math.max(0, lines.size() - LOG_LINES), lines.size()).forEach(System.err::println);
            }
        } catch (IOException failure) {
            System.err.println("no logs: " + failure);
        }
    }
}
