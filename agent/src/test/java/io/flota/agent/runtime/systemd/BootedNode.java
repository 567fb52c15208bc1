package io.flota.agent.runtime.systemd;

import static org.awaitility.Awaitility.await;

import com.google.common.io.MoreFiles;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;

/// A machine with a systemd of its own: a container that boots from a tree, which it does not change. Java and all that
/// is on this process's class path are where they are here.
final class BootedNode implements AutoCloseable {
    private static final Duration BOOTING = Duration.ofSeconds(60);
    private static final String NODES = Path.of("../examples/nodes/nodes").toAbsolutePath().toString();
    private static final Path CGROUPS = Path.of("/sys/fs/cgroup");

    private final Path folder;
    private final List<Path> groups = new ArrayList<>();
    private Optional<Process> container = Optional.empty();

    private BootedNode() throws IOException {
        folder = Files.createTempDirectory("flota-node");
    }

    /// Why no node can be booted here; empty if one can.
    static Optional<String> reasonAgainst() {
        try {
            sh(NODES, "check");
            return Optional.empty();
        } catch (IOException e) {
            return Optional.of(e.getMessage());
        }
    }

    /// A Debian tree with systemd: that of the nodes of the examples, which is made if need be.
    static Path tree() throws IOException {
        return Path.of(said(NODES, "tree"));
    }

    static BootedNode boot(Path tree) throws Exception {
        var node = new BootedNode();
        try {
            node.mount(tree);
            node.start();
            await().atMost(BOOTING).until(() -> node.run("systemctl", "is-system-running").strip().equals("running"));
            return node;
        } catch (Exception | Error e) {
            node.close();
            throw e;
        }
    }

    private Path root() {
        return folder.resolve("root");
    }

    private void mount(Path tree) throws Exception {
        for (var name : List.of("root", "upper", "work")) {
            Files.createDirectory(folder.resolve(name));
        }
        sh("mount", "-t", "overlay", "overlay", "-o", "lowerdir=" + tree + ",upperdir=" + folder.resolve("upper")
                + ",workdir=" + folder.resolve("work"), root().toString());
        Files.deleteIfExists(root().resolve("etc/machine-id"));
        Files.writeString(
                root().resolve("etc/machine-id"), UUID.randomUUID().toString().replace("-", "") + "\n");
    }

    private void start() throws Exception {
        var command = new ArrayList<String>();
        // In a group of its own: whatever is done to the node's groups must not reach other nodes.
        var group = folder.getFileName().toString();
        for (var hierarchy : List.of("unified", "systemd", "")) {
            var place = CGROUPS.resolve(hierarchy);
            if (Files.isWritable(place.resolve("cgroup.procs"))) {
                groups.add(Files.createDirectory(place.resolve(group)));
            }
        }
        command.addAll(List.of("sh", "-c", "while [ \"$1\" != -- ]; do echo $$ >\"$1/cgroup.procs\"; shift; done; shift;"
                + " exec \"$@\"", "sh"));
        groups.forEach(place -> command.add(place.toString()));
        command.addAll(List.of(
                "--", "systemd-nspawn", "--quiet", "--boot", "--register=no", "--keep-unit", "--console=pipe",
                "--machine=" + group.replaceAll("[^a-z0-9]", ""), "--directory=" + root()));
        Stream.concat(Stream.of(System.getProperty("java.home")), Stream.of(classPath().split(File.pathSeparator)))
                .filter(path -> Files.exists(Path.of(path)))
                .forEach(path -> command.add("--bind-ro=" + path));
        container = Optional.of(new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("console").toFile())
                .redirectInput(new File("/dev/null"))
                .start());
    }

    static String classPath() {
        return System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
    }

    /// The node's init, as this machine counts; 0 while it has none.
    private long leader() {
        return container.stream().flatMap(Process::children).mapToLong(ProcessHandle::pid).findFirst().orElse(0);
    }

    /// What a command on the node says.
    String run(String... command) throws Exception {
        var inside = new ArrayList<>(List.of(
                "nsenter", "--target", Long.toString(leader()), "--mount", "--uts", "--ipc", "--pid", "--net", "env", "-i",
                "PATH=/usr/sbin:/usr/bin:/sbin:/bin", OnSystemd.ALLOWED + "=1"));
        inside.addAll(List.of(command));
        var process = new ProcessBuilder(inside).redirectErrorStream(true).start();
        return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }

    /// What a Java program of this class path says.
    ///
    /// @param as before the command, as the user that it names
    String java(Map<String, String> environment, List<String> as, Class<?> main, String... arguments) throws Exception {
        var command = new ArrayList<>(as);
        command.add("env");
        environment.forEach((name, value) -> command.add(name + "=" + value));
        command.addAll(List.of(
                System.getProperty("java.home") + "/bin/java", "-Xmx256m", "-XX:TieredStopAtLevel=1",
                "--enable-native-access=ALL-UNNAMED", "-cp", classPath(), main.getName()));
        command.addAll(List.of(arguments));
        return run(command.toArray(String[]::new));
    }

    private static void sh(String... command) throws IOException {
        var _ = said(command);
    }

    /// The last line of what a command says.
    private static String said(String... command) throws IOException {
        var process = new ProcessBuilder(command).redirectErrorStream(true).start();
        var said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (process.onExit().join().exitValue() != 0) {
            throw new IOException(String.join(" ", command) + ": " + said.strip());
        }
        return said.strip().lines().reduce("", (_, last) -> last);
    }

    @Override
    public void close() throws IOException {
        if (container.isPresent()) {
            ProcessHandle.of(leader()).ifPresent(ProcessHandle::destroyForcibly);
            container.get().destroyForcibly().onExit().join();
        }
        if (Files.isDirectory(root().resolve("etc"))) {
            sh("umount", root().toString());
        }
        for (var group : groups) {
            remove(group);
        }
        MoreFiles.deleteRecursively(folder);
    }

    private static void remove(Path group) throws IOException {
        try (var tree = Files.walk(group)) {
            for (var below : tree.filter(Files::isDirectory).sorted(Comparator.reverseOrder()).toList()) {
                await().atMost(Duration.ofSeconds(10)).ignoreExceptions().until(() -> below.toFile().delete());
            }
        }
    }
}
