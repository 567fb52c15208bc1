package io.flota.unitctl.local;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/// A [Node] as the operating system has it: started, killed, paused, asked for its state.
final class NodeProcess {
    /// What `status` shows.
    enum State {
        RUNNING("running"),
        PAUSED("paused"),
        MAIN_PAUSED("agent paused"),
        MAIN_DEAD("agent dead"),
        DEAD("dead");

        private final String words;

        State(String words) {
            this.words = words;
        }

        @Override
        public String toString() {
            return words;
        }
    }

    private final Node node;
    private final Enclosure enclosure;

    NodeProcess(Path clusterFolder, Node node) throws IOException {
        this.node = node;
        this.enclosure = Enclosure.of(clusterFolder, node);
    }

    Node node() {
        return node;
    }

    Optional<LivePid> main() throws IOException {
        return LivePid.read(pidFile());
    }

    State state() throws IOException {
        if (enclosure.paused(Enclosure.Part.ALL)) {
            return State.PAUSED;
        }
        if (main().isPresent()) {
            return enclosure.paused(Enclosure.Part.MAIN) ? State.MAIN_PAUSED : State.RUNNING;
        }
        return enclosure.empty() ? State.DEAD : State.MAIN_DEAD;
    }

    /// A new main process beside whatever else of the node runs. Returns at once.
    void start() throws IOException, LocalException {
        Files.createDirectories(node.folder());
        var builder = new ProcessBuilder(enclosure.wrap(node.command()))
                .directory(node.folder().toFile())
                .redirectInput(Path.of("/dev/null").toFile())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(node.log().toFile()));
        builder.environment().putAll(node.environment());
        builder.environment().putAll(enclosure.environment());
        LivePid.of(builder.start()).write(pidFile());
    }

    /// SIGKILL. A machine that dies as a whole forgets what was in its /run, too.
    void kill(Enclosure.Part part) throws IOException, LocalException {
        enclosure.kill(part);
        if (part == Enclosure.Part.ALL && node.kind() == Node.Kind.MACHINE) {
            for (var folder : Blueprint.bootFoldersOf(node)) {
                Folders.delete(folder);
            }
        }
    }

    /// SIGTERM for main, then until it has ended.
    void terminate() throws IOException, LocalException {
        var main = main();
        if (main.isEmpty()) {
            return;
        }
        enclosure.resume();
        ProcessHandle.of(main.get().pid()).ifPresent(ProcessHandle::destroy);
        if (!Patience.until(Enclosure.LIMIT.multipliedBy(6), () -> !main.get().lives())) {
            throw new LocalException(node.name() + " does not end on SIGTERM; see " + node.log());
        }
    }

    void pause(Enclosure.Part part) throws IOException, LocalException {
        enclosure.pause(part);
    }

    void resume() throws IOException, LocalException {
        enclosure.resume();
    }

    /// The end of its log, for the operator who wonders why it died.
    List<String> lastWords(int lines) throws IOException {
        if (!Files.exists(node.log())) {
            return List.of();
        }
        var all = new String(Files.readAllBytes(node.log()), java.nio.charset.StandardCharsets.UTF_8).split("\n");
        return Arrays.asList(all).subList(Math.max(0, all.length - lines), all.length);
    }

    private Path pidFile() {
        return node.folder().resolve("pid");
    }
}
