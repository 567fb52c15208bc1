package io.flota.unitctl.local;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `unitctl local`: the verbs and what they print.
@Command(
        name = "unitctl local",
        description = "Runs a whole cluster on this machine, and makes parts of it fail.",
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {
            UpCommand.class,
            LocalCommand.Down.class,
            LocalCommand.Status.class,
            LocalCommand.Kill.class,
            LocalCommand.Pause.class,
            LocalCommand.Resume.class,
            LocalCommand.Restart.class
        })
public final class LocalCommand implements Runnable {
    @Spec
    private CommandSpec spec;

    @Override
    public void run() {
        spec.commandLine().usage(spec.commandLine().getOut());
    }

    /// What all verbs share: the folder, the lock on it, and how a failure is told.
    abstract static class Verb implements Callable<Integer> {
        @Spec
        private CommandSpec spec;

        @Option(
                names = "--dir",
                paramLabel = "DIR",
                description = "Where the cluster keeps its files. Default: $$XDG_STATE_HOME/flota/local.")
        private Path folder = Folders.ofDefaultCluster();

        @Override
        public final Integer call() {
            try {
                act(new LocalCluster(folder, Programs.folder()));
                return 0;
            } catch (LocalException refusal) {
                return failed(refusal.getMessage());
            } catch (IOException failure) {
                return failed(failure.toString());
            }
        }

        abstract void act(LocalCluster cluster) throws IOException, LocalException;

        final void say(String line) {
            spec.commandLine().getOut().println(line);
        }

        private int failed(String message) {
            spec.commandLine().getErr().println(message);
            return 1;
        }

        final void show(LocalCluster cluster) throws IOException, LocalException {
            var blueprint = cluster.blueprint();
            new StatusTable(cluster.processes(blueprint), blueprint.tls()).lines().forEach(this::say);
        }
    }

    @Command(name = "status", description = "Shows the nodes of the cluster and whether they run.")
    static final class Status extends Verb {
        @Override
        void act(LocalCluster cluster) throws IOException, LocalException {
            show(cluster);
        }
    }

    @Command(name = "down", description = "Ends all of it at once. What was registered is there again after the next up.")
    static final class Down extends Verb {
        @Option(names = "--purge", description = "Remove the cluster's files, too, and with them what was registered.")
        private boolean purge;

        @Override
        void act(LocalCluster cluster) throws IOException, LocalException {
            if (cluster.folderExists()) {
                try (var _ = cluster.lock()) {
                    cluster.down(purge);
                }
            }
        }
    }

    /// A verb that is done to nodes.
    abstract static class Button extends Verb {
        @Parameters(arity = "1..*", paramLabel = "NODE", description = "machine-1, scheduler-1, etcd-1 ...")
        private List<String> nodes = List.of();

        @Option(names = "--agent", description = "Of a machine only the agent; its units are left alone.")
        private boolean agentOnly;

        private final String done;

        Button(String done) {
            this.done = done;
        }

        @Override
        final void act(LocalCluster cluster) throws IOException, LocalException {
            var processes = cluster.named(nodes);
            try (var _ = cluster.lock()) {
                for (var process : processes) {
                    press(process);
                    say(process.node().name() + ": " + done);
                }
            }
        }

        final boolean agentOnly() {
            return agentOnly;
        }

        abstract void press(NodeProcess process) throws IOException, LocalException;
    }

    @Command(
            name = "kill",
            description = "Pulls the plug: SIGKILL for all processes of a node, nothing says goodbye.")
    static final class Kill extends Button {
        Kill() {
            super("killed");
        }

        @Option(names = "--term", description = "Ask the node's own process to end (SIGTERM), and wait until it has.")
        private boolean gently;

        @Override
        void press(NodeProcess process) throws IOException, LocalException {
            if (gently) {
                process.terminateMain();
            } else if (agentOnly()) {
                process.killMain();
            } else {
                process.kill();
            }
        }
    }

    @Command(name = "pause", description = "Stops the time of a node: no process of it runs on until it is resumed.")
    static final class Pause extends Button {
        Pause() {
            super("paused");
        }

        @Override
        void press(NodeProcess process) throws IOException, LocalException {
            if (agentOnly()) {
                process.pauseMain();
            } else {
                process.pause();
            }
        }
    }

    @Command(name = "resume", description = "Lets a paused node run on.")
    static final class Resume extends Button {
        Resume() {
            super("resumed");
        }

        @Override
        void press(NodeProcess process) throws IOException, LocalException {
            process.resume();
        }
    }

    @Command(name = "restart", description = "Switches a node off, if it runs, and on again.")
    static final class Restart extends Button {
        Restart() {
            super("restarted");
        }

        @Option(names = "--term", description = "Ask the node's own process to end (SIGTERM), and wait until it has.")
        private boolean gently;

        @Override
        void press(NodeProcess process) throws IOException, LocalException {
            if (gently) {
                process.terminateMain();
            }
            if (agentOnly()) {
                process.killMain();
            } else {
                process.kill();
            }
            process.start();
        }
    }
}
