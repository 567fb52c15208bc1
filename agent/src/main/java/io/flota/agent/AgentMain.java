package io.flota.agent;

import com.google.common.collect.ImmutableSortedMap;
import io.flota.agent.AgentConfig.OnStop;
import io.flota.agent.runtime.RuntimeUnavailableException;
import io.flota.agent.runtime.UnitRuntime;
import io.flota.agent.runtime.docker.ContainerRuntime;
import io.flota.agent.runtime.exec.ExecRuntime;
import io.flota.agent.runtime.exec.ExecSettings;
import io.flota.agent.runtime.health.CheckedRuntime;
import io.flota.agent.runtime.setting.MachineEnvironment;
import io.flota.agent.runtime.systemd.Bus;
import io.flota.agent.runtime.systemd.SystemdRuntime;
import io.flota.agent.runtime.systemd.SystemdSettings;
import io.flota.daemon.DaemonCommand;
import io.flota.daemon.SettingsException;
import io.flota.daemon.SignsOfLife;
import io.flota.loop.World;
import io.flota.store.EtcdStore;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// `flota-agent`: runs on each machine of the cluster.
@Command(
        name = "flota-agent",
        description = "Registers this machine with the cluster and runs the units that are placed on it.",
        mixinStandardHelpOptions = true,
        versionProvider = AgentMain.Versions.class,
        sortOptions = false,
        footer = {
            "",
            "Each option is also an environment variable (--etcd-endpoints is FLOTA_ETCD_ENDPOINTS) and a key of the"
                    + " settings file (etcd-endpoints); a flag beats the environment, which beats the file.",
            "SIGTERM and SIGINT stop the agent as --on-stop says. SIGUSR1 ends it for another one to take over: units run on,"
                    + " and the machine counts as alive for half a minute. A second signal ends it at once, and units run on."
        })
public final class AgentMain implements Callable<Integer> {
    private static final Logger LOG = LoggerFactory.getLogger(AgentMain.class);
    private static final int STOPPED = 0;
    static final String SETTINGS_FILE = "agent.toml";

    @Mixin
    private AgentOptions options = new AgentOptions();

    @Option(
            names = "--config",
            paramLabel = "FILE",
            description = "settings file, TOML (default: /etc/flota/agent.toml, if it is there)")
    private Optional<Path> settingsFile = Optional.empty();

    @Option(
            names = "--check-config",
            description = "check the settings and the files that they name, and end: 0 if all is well, else 1")
    private boolean checkOnly;

    private final PrintWriter err;

    AgentMain(PrintWriter err) {
        this.err = err;
    }

    public static void main(String[] args) {
        Thread.setDefaultUncaughtExceptionHandler((thread, bug) -> {
            LOG.error("a bug ends this agent; units run on, start it again thread={}", thread.getName(), bug);
            Runtime.getRuntime().halt(DaemonCommand.FAILED);
        });
        var err = new PrintWriter(System.err, true, StandardCharsets.UTF_8);
        int exit = DaemonCommand.run(new AgentMain(err), SETTINGS_FILE, args, System.getenv(), err);
        // Nothing of ours needs a shutdown hook, and nothing may hold up the end.
        Runtime.getRuntime().halt(exit);
    }

    @Override
    public Integer call() throws SettingsException, InterruptedException {
        var config = options.check();
        var etcd = options.etcd.settings();
        if (checkOnly) {
            err.println("flota-agent: the settings are fine");
            return STOPPED;
        }
        var ending = Ending.watched(); // from here on a signal means what it is to mean, be the agent ready or not
        LOG.info("starting version={} settings={} etcd={} file={}",
                Version.OF_THIS_AGENT, config, etcd, settingsFile.map(Path::toString).orElse("none"));
        options.protection.warnOfOpen(etcd);
        if (config.socket().isEmpty()) {
            LOG.warn("serves no socket, for its path would be too long: give --socket stateDir={}", config.stateDir());
        }
        try (var state = StateDirectory.lock(config.stateDir());
                var store = new EtcdStore(etcd);
                var runtime = open(config, state);
                var agent = new Agent(config, store, runtime, runtime::offers);
                var signs = SignsOfLife.ready(
                        World.REAL, System.getenv(), ProcessHandle.current().pid())) {
            boolean isReplaced = ending.await();
            signs.ending(config.stopTimeout());
            return isReplaced ? giveWay(agent) : stop(agent, config.onStop(), config.stopTimeout());
        } catch (IOException | RuntimeUnavailableException e) {
            err.println("flota-agent: " + e.getMessage());
            return DaemonCommand.FAILED;
        }
    }

    private static CheckedRuntime open(AgentConfig config, StateDirectory state) throws RuntimeUnavailableException {
        var runtime = openUnchecked(config, state);
        try {
            var machine = Agent.machine(config);
            var settings = new CheckedRuntime.Settings(
                    state.path().resolve("offers"), machine.address(), MachineEnvironment.ofCommands(machine));
            return CheckedRuntime.start(runtime, settings, World.REAL);
        } catch (RuntimeUnavailableException | RuntimeException e) {
            runtime.close();
            throw e;
        }
    }

    /// Containers beside what the machine runs by itself.
    private static UnitRuntime openUnchecked(AgentConfig config, StateDirectory state)
            throws RuntimeUnavailableException {
        var host = openHost(config, state);
        try {
            return ContainerRuntime.start(host, new ContainerRuntime.Settings(
                    config.docker(), state.path().resolve("containers"), config.keys().prefix(),
                    config.machineId().value(), config.hostname(), config.runtime() == RuntimeKind.SYSTEMD,
                    MachineEnvironment.of(Agent.machine(config))));
        } catch (RuntimeUnavailableException | RuntimeException e) {
            host.close();
            throw e;
        }
    }

    private static UnitRuntime openHost(AgentConfig config, StateDirectory state) throws RuntimeUnavailableException {
        return switch (config.runtime()) {
            case EXEC -> ExecRuntime.start(ExecSettings.of(
                            state.path(), config.machineId().value(), config.hostname(), config.publicIp(),
                            config.privateIp(), config.environmentFile())
                    .with(environment(config)));
            case SYSTEMD -> systemd(config, state, Bus.ofSystem());
            case USER_SYSTEMD -> systemd(config, state, Bus.ofUser());
        };
    }

    /// By which a unit finds its agent.
    private static ImmutableSortedMap<String, String> environment(AgentConfig config) {
        return config.socket()
                .map(socket -> ImmutableSortedMap.of("FLOTA_AGENT_SOCKET", socket.toString()))
                .orElse(ImmutableSortedMap.of());
    }

    private static UnitRuntime systemd(AgentConfig config, StateDirectory state, Bus bus)
            throws RuntimeUnavailableException {
        config.environmentFile().ifPresent(file -> LOG.warn(
                "systemd reads /etc/environment itself, for --environment-file there is no use file={}", file));
        return SystemdRuntime.start(new SystemdSettings(
                state.path(), config.machineId().value(), config.publicIp(), config.privateIp(),
                environment(config), bus));
    }

    /// Told to end, and how.
    private static final class Ending {
        private final CountDownLatch terminated = new CountDownLatch(1);
        private final AtomicBoolean replaced = new AtomicBoolean();

        static Ending watched() {
            var ending = new Ending();
            TerminationSignals.onEach(ending::told);
            return ending;
        }

        private void told(String signal) {
            if (terminated.getCount() == 0) {
                LOG.warn("told to end for the second time: ends at once, units run on");
                Runtime.getRuntime().halt(DaemonCommand.FAILED);
            }
            replaced.set(signal.equals(TerminationSignals.REPLACED));
            terminated.countDown();
        }

        /// @return whether another agent is about to take over, whatever the settings say
        boolean await() throws InterruptedException {
            terminated.await();
            return replaced.get();
        }
    }

    private static int giveWay(Agent agent) {
        LOG.info("told to end for another agent: units run on, and the machine counts as alive until that one is here");
        agent.giveWay();
        return STOPPED;
    }

    private static int stop(Agent agent, OnStop onStop, Duration limit) throws InterruptedException {
        return switch (onStop) {
            case HANDOVER -> {
                LOG.info("told to end: stops all units and leaves the cluster limit={}", limit);
                yield agent.handOver(limit) ? STOPPED : DaemonCommand.FAILED;
            }
            case KEEP -> {
                LOG.info("told to end: units run on, the machine counts as alive until its lease ends");
                yield STOPPED;
            }
        };
    }

    static final class Versions implements IVersionProvider {
        @Override
        public String[] getVersion() {
            return new String[] {"flota-agent " + Version.OF_THIS_AGENT};
        }
    }
}
