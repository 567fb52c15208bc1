package io.flota.unitctl.local;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
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

    /// An agent that hands its units over waits for them to stop.
    private static final Duration FAREWELL = Duration.ofMinutes(2);

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
        var main = main();
        if (enclosure.paused()) {
            return State.PAUSED;
        }
        if (main.isPresent()) {
            return LivePid.isStopped(main.get().pid()) ? State.MAIN_PAUSED : State.RUNNING;
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

    /// SIGKILL for all of it. A machine that dies forgets what was in its /run, too.
    void kill() throws IOException, LocalException {
        enclosure.kill();
        if (node.kind() == Node.Kind.MACHINE) {
            for (var folder : Blueprint.bootFoldersOf(node)) {
                Folders.delete(folder);
            }
        }
    }

    void killMain() throws IOException, LocalException {
        signalMain("KILL");
        var main = main();
        if (!Patience.until(Enclosure.LIMIT, () -> main().isEmpty())) {
            throw new LocalException(node.name() + " does not end on SIGKILL: process " + main);
        }
    }

    /// SIGTERM for main, then until it has ended.
    void terminateMain() throws IOException, LocalException {
        resume();
        signalMain("TERM");
        if (!Patience.until(FAREWELL, () -> main().isEmpty())) {
            throw new LocalException("%s has not ended %d s after SIGTERM; see %s"
                    .formatted(node.name(), FAREWELL.toSeconds(), node.log()));
        }
    }

    void pause() throws IOException, LocalException {
        enclosure.pause();
    }

    void pauseMain() throws IOException, LocalException {
        signalMain("STOP");
    }

    /// All of it, whatever of it was paused.
    void resume() throws IOException, LocalException {
        enclosure.resume();
        signalMain("CONT");
    }

    private void signalMain(String name) throws IOException, LocalException {
        Signals.send(name, main().stream().map(LivePid::pid).toList());
    }

    /// The end of its log, for the operator who wonders why it died.
    List<String> lastWords(int lines) throws IOException {
        if (!Files.exists(node.log())) {
            return List.of();
        }
        var all = new String(Files.readAllBytes(node.log()), StandardCharsets.UTF_8).split("\n");
        return Arrays.asList(all).subList(Math.max(0, all.length - lines), all.length);
    }

    private Path pidFile() {
        return node.folder().resolve("pid");
    }
}
