package io.flota.agent.runtime.docker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.flota.agent.runtime.process.Signal;
import io.flota.agent.runtime.process.Signals;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/// A Docker of a test's own: dockerd in name spaces of its own for processes, mounts and the network, so that killing
/// the first process in there takes everything along: containers, mounts, bridges and the rules of the firewall.
final class OwnDocker implements BeforeAllCallback, AfterAllCallback {
    private static final Duration UP = Duration.ofMinutes(2);
    /// Ends with its children, and reaps what they leave behind.
    private static final String FIRST = """
            mount --make-rprivate / && mount -t proc proc /proc && mount -t tmpfs tmpfs /run && ip link set lo up &&
            touch "$1" && while :; do sleep 3600 & wait $!; done""";
    /// No two tests of this machine may have the same.
    private final String group = "flota-test-" + ProcessHandle.current().pid() + "-" + System.nanoTime();
    private final List<String> options;
    private final Optional<Integer> megabytes;

    private Optional<Path> folder = Optional.empty();
    private Optional<Process> spaces = Optional.empty();
    private Optional<Process> daemon = Optional.empty();
    private Optional<Engine> engine = Optional.empty();

    OwnDocker(String... options) {
        this(Optional.empty(), List.of(options));
    }

    private OwnDocker(Optional<Integer> megabytes, List<String> options) {
        this.megabytes = megabytes;
        this.options = options;
    }

    /// With a disk of its own for images, containers and volumes, which [#fill] fills.
    static OwnDocker onDisk(int megabytes) {
        return new OwnDocker(Optional.of(megabytes), List.of());
    }

    @Override
    public void beforeAll(ExtensionContext context) throws IOException {
        assumeTrue(System.getProperty("user.name").equals("root"), "dockerd is run by root");
        for (var program : List.of("/usr/sbin/dockerd", "/usr/bin/busybox", "/usr/bin/unshare", "/usr/bin/nsenter")) {
            assumeTrue(Files.exists(Path.of(program)), "there is no " + program);
        }
        var made = Files.createTempDirectory(Path.of("/tmp"), "flota-docker"); // short, as sockets' paths have to be
        folder = Optional.of(made);
        var ready = made.resolve("ready");
        spaces = Optional.of(run(List.of(
                "unshare", "--net", "--mount", "--pid", "--fork", "--kill-child", "sh", "-c", FIRST, "first",
                ready.toString())));
        await("name spaces").atMost(UP).until(() -> Files.exists(ready));
        if (megabytes.isPresent()) {
            assumeTrue(Files.exists(Path.of("/usr/sbin/mkfs.ext4")), "there is no mkfs.ext4");
            assumeTrue(Files.exists(Path.of("/dev/loop-control")), "there are no loop devices");
            done("truncate -s " + megabytes.get() + "M disk && mkfs.ext4 -q -m 0 disk && mkdir data && mount -o loop disk data");
        }
        start();
        engine = Optional.of(new Engine(settings(), InstantSource.system()));
        awaitUp();
        new LocalImage(made.resolve("image"), socket()).build();
    }

    @Override
    public void afterAll(ExtensionContext context) throws IOException {
        engine.ifPresent(Engine::close);
        daemon.ifPresent(Process::destroyForcibly); // or it would not reap what has to go
        spaces.ifPresent(process -> {
            process.children().forEach(ProcessHandle::destroyForcibly);
            await("end of the name spaces").atMost(UP).until(() -> process.children().findAny().isEmpty());
            process.destroyForcibly();
        });
        removeGroups();
        if (folder.isPresent()) {
            try (var files = Files.walk(folder.get())) {
                files.sorted(Comparator.reverseOrder()).forEach(OwnDocker::delete);
            }
        }
    }

    EngineSettings settings() {
        return new EngineSettings(socket(), Duration.ofSeconds(60), Duration.ofSeconds(60), folder().resolve("config"));
    }

    Engine engine() {
        return engine.orElseThrow();
    }

    Path folder() {
        return folder.orElseThrow();
    }

    URI socket() {
        return URI.create("unix://" + folder() + "/docker.sock");
    }

    void start() throws IOException {
        var command = new ArrayList<>(List.of(
                "dockerd", "--host", socket().toString(), "--data-root", folder() + "/data", "--exec-root",
                folder() + "/exec", "--pidfile", folder() + "/pid", "--cgroup-parent", "/" + group,
                "--shutdown-timeout", "1"));
        command.addAll(options);
        daemon = Optional.of(inside(command));
    }

    void awaitUp() {
        await("dockerd")
                .atMost(UP)
                .pollInterval(Duration.ofMillis(200))
                .ignoreExceptionsMatching(EngineException.class::isInstance)
                .untilAsserted(() -> assertThat(engine().version().release()).isNotEmpty());
    }

    void stopAnswering() throws IOException {
        // Not by Signals, which sees to it that processes go on.
        var _ = new ProcessBuilder("sh", "-c", "kill -STOP " + pid()).start();
    }

    /// nsenter stops with it.
    void answerAgain() throws IOException {
        Signals.send(Signal.CONT, List.of(daemon.orElseThrow().pid(), pid()));
    }

    void kill() throws IOException {
        Signals.kill(List.of(pid()));
        await("end of dockerd").atMost(UP).until(() -> !daemon.orElseThrow().isAlive());
    }

    /// Runs a command where dockerd is.
    Process inside(List<String> command) throws IOException {
        var first = spaces.orElseThrow().children().findFirst().orElseThrow().pid();
        return run(Stream.concat(
                        Stream.of("nsenter", "--target", Long.toString(first), "--net", "--mount", "--pid"),
                        command.stream())
                .toList());
    }

    /// What the kernel lets a container have, in bytes.
    long memoryLimit(String container) throws IOException {
        try (var groups = groups(container)) {
            var file = groups.flatMap(group -> Stream.of("memory.limit_in_bytes", "memory.max").map(group::resolve))
                    .filter(Files::exists)
                    .findFirst()
                    .orElseThrow();
            return Long.parseLong(Files.readString(file).strip());
        }
    }

    /// Its id outside of the name spaces, which Docker does not know.
    long firstProcess(String container) throws IOException {
        try (var groups = groups(container)) {
            var file = groups.map(group -> group.resolve("cgroup.procs")).filter(Files::exists).findFirst().orElseThrow();
            return Long.parseLong(Files.readAllLines(file).getFirst());
        }
    }

    private Stream<Path> groups(String container) throws IOException {
        return Files.find(Path.of("/sys/fs/cgroup"), 5, (path, _) -> path.endsWith(group + "/" + container));
    }

    /// To the last byte: where there is no room for a large block, there may be some for many small ones.
    void fill() throws IOException {
        done("! cat /dev/zero > data/fill && sync -f data && ! dd if=/dev/zero bs=1k status=none >> data/fill");
    }

    void makeRoom() throws IOException {
        done("rm -f data/fill");
    }

    private void done(String line) throws IOException {
        var process = inside(List.of("sh", "-c", "cd " + folder() + " && " + line));
        await(line).atMost(UP).until(() -> !process.isAlive());
        assertThat(process.exitValue()).as(line).isZero();
    }

    private long pid() {
        return daemon.orElseThrow().children().findFirst().orElseThrow().pid();
    }

    private Process run(List<String> command) throws IOException {
        var log = folder().resolve("log").toFile();
        var builder = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log));
        builder.environment().put("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
        return builder.start();
    }

    private void removeGroups() throws IOException {
        try (var groups = Files.find(Path.of("/sys/fs/cgroup"), 3, (path, _) -> path.endsWith(group))) {
            for (var top : groups.toList()) {
                try (var below = Files.walk(top)) {
                    below.filter(Files::isDirectory).sorted(Comparator.reverseOrder()).forEach(OwnDocker::delete);
                }
            }
        }
    }

    private static void delete(Path path) {
        try {
            Files.deleteIfExists(path);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
