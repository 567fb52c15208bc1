package io.flota.agent;

import com.google.common.collect.ImmutableSortedMap;
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
import io.flota.daemon.Daemon;
import io.flota.loop.World;
import io.flota.store.Store;
import java.io.IOException;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// An agent at work, with its state folder and what runs its units, and how it ends.
final class RunningAgent implements Daemon.Working {
    private static final Logger LOG = LoggerFactory.getLogger(RunningAgent.class);

    private final StateDirectory state;
    private final CheckedRuntime runtime;
    private final Agent agent;
    private volatile AgentConfig config;

    private RunningAgent(AgentConfig config, StateDirectory state, CheckedRuntime runtime, Agent agent) {
        this.config = config;
        this.state = state;
        this.runtime = runtime;
        this.agent = agent;
    }

    /// The store stays the caller's.
    ///
    /// @throws IOException whose message is a line for the operator
    /// @throws RuntimeUnavailableException the same
    static RunningAgent start(AgentConfig config, Store store) throws IOException, RuntimeUnavailableException {
        if (config.socket().isEmpty()) {
            LOG.warn("serves no socket, for its path would be too long: give --socket stateDir={}", config.stateDir());
        }
        var state = StateDirectory.lock(config.stateDir());
        try {
            var runtime = open(config, state);
            try {
                return new RunningAgent(config, state, runtime, new Agent(config, store, runtime, runtime::offers));
            } catch (IOException | RuntimeException e) {
                runtime.close();
                throw e;
            }
        } catch (IOException | RuntimeUnavailableException | RuntimeException e) {
            state.close();
            throw e;
        }
    }

    @Override
    public Duration stopLimit() {
        return config.stopTimeout();
    }

    @Override
    public void adopt(Daemon next) {
        if (next instanceof AgentMain other) {
            config = config.adopting(other.config());
            agent.become(config);
        }
    }

    @Override
    public boolean stop(Daemon.Ending ending) throws InterruptedException {
        return switch (ending) {
            case REPLACED -> {
                LOG.info("told to end for another agent: units run on, and the machine counts as alive until that one is here");
                agent.giveWay();
                yield true;
            }
            case STOP -> stop();
        };
    }

    private boolean stop() throws InterruptedException {
        return switch (config.onStop()) {
            case HANDOVER -> {
                LOG.info("told to end: stops all units and leaves the cluster limit={}", config.stopTimeout());
                yield agent.handOver(config.stopTimeout());
            }
            case KEEP -> {
                LOG.info("told to end: units run on, the machine counts as alive until its lease ends");
                agent.close();
                yield true;
            }
        };
    }

    @Override
    public void close() {
        agent.close();
        runtime.close();
        state.close();
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
}
