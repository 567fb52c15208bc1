package io.flota.agent.runtime.docker;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.exception.NotModifiedException;
import com.github.dockerjava.api.model.Container;
import com.github.dockerjava.api.model.ContainerNetwork;
import com.github.dockerjava.api.model.WaitResponse;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSortedSet;
import io.flota.agent.runtime.docker.ContainerSettings.Attachment;
import io.flota.agent.runtime.docker.EngineRefusedException.Reason;
import io.flota.agent.runtime.process.Signal;
import io.flota.agent.runtime.setting.CgroupLimits;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicReference;

/// Docker's containers. Each is named by its id, or by its name.
final class Containers {
    /// All that the kernel can count, in pages.
    private static final long UNLIMITED_MEMORY = Long.MAX_VALUE / 4096 * 4096;

    private final DockerClient docker;
    private final DockerClient streams;
    private final Calls calls;
    private final Duration answer;

    Containers(DockerClient docker, DockerClient streams, Calls calls, Duration answer) {
        this.docker = docker;
        this.streams = streams;
        this.calls = calls;
        this.answer = answer;
    }

    /// Makes a container, with all its networks or not at all.
    ///
    /// @return its id
    String create(ContainerPlan plan) throws EngineException, InterruptedException {
        var what = "create container " + plan.name();
        var id = calls.act(what, () ->
                plan.onto(docker.createContainerCmd(plan.settings().image().toString())).exec().getId());
        try {
            for (var network : plan.furtherNetworks()) {
                connect(id, network);
            }
        } catch (EngineException e) {
            try {
                remove(id);
            } catch (EngineException left) {
                e.addSuppressed(left);
            }
            throw e;
        }
        return id;
    }

    private void connect(String id, Attachment network) throws EngineException, InterruptedException {
        var own = new ContainerNetwork().withAliases(network.aliases());
        var addresses = new ContainerNetwork.Ipam();
        network.ip().ifPresent(addresses::withIpv4Address);
        network.ip6().ifPresent(addresses::withIpv6Address);
        own.withIpamConfig(addresses);
        done("connect container " + id + " to network " + network.name(), () -> docker.connectToNetworkCmd()
                .withContainerId(id)
                .withNetworkId(network.name())
                .withContainerNetwork(own)
                .exec());
    }

    /// Nothing if it runs already.
    void start(String id) throws EngineException, InterruptedException {
        done("start container " + id, () -> docker.startContainerCmd(id).exec());
    }

    /// Sends the stop signal, and SIGKILL once the grace is over; comes back when it has ended. Nothing if it does not
    /// run.
    ///
    /// @param grace in whole seconds
    void stop(String id, Duration grace) throws EngineException, InterruptedException {
        var seconds = Math.toIntExact(grace.plusSeconds(1).minusNanos(1).toSeconds());
        changed("stop container " + id, answer.plusSeconds(seconds), () ->
                docker.stopContainerCmd(id).withTimeout(seconds).exec());
    }

    /// @throws EngineRefusedException of reason CONFLICT if it does not run
    void kill(String id, Signal signal) throws EngineException, InterruptedException {
        done("send " + signal + " to container " + id, () ->
                docker.killContainerCmd(id).withSignal(signal.toString()).exec());
    }

    /// With the volumes that have no name, and by force if it runs. Nothing if it is gone.
    void remove(String id) throws EngineException, InterruptedException {
        try {
            done("remove container " + id, () ->
                    docker.removeContainerCmd(id).withForce(true).withRemoveVolumes(true).exec());
        } catch (EngineRefusedException e) {
            boolean removing = e.reason() == Reason.CONFLICT && e.getMessage().contains("is already in progress");
            if (e.reason() != Reason.NO_CONTAINER && !removing) {
                throw e;
            }
        }
    }

    Optional<SeenContainer> inspect(String id) throws EngineException, InterruptedException {
        try {
            return Optional.of(calls.ask("inspect container " + id, () ->
                    SeenContainer.of(docker.inspectContainerCmd(id).exec())));
        } catch (EngineRefusedException e) {
            if (e.reason() == Reason.NO_CONTAINER) {
                return Optional.empty();
            }
            throw e;
        }
    }

    /// Of all that have these labels, whatever their state.
    ImmutableSortedSet<String> ids(ImmutableMap<String, String> labels) throws EngineException, InterruptedException {
        return calls.ask("list containers", () ->
                docker.listContainersCmd().withShowAll(true).withLabelFilter(labels).exec().stream()
                        .map(Container::getId)
                        .collect(ImmutableSortedSet.toImmutableSortedSet(String::compareTo)));
    }

    /// All that have these labels. One that goes meanwhile is left out.
    ImmutableList<SeenContainer> list(ImmutableMap<String, String> labels)
            throws EngineException, InterruptedException {
        var seen = ImmutableList.<SeenContainer>builder();
        for (var id : ids(labels)) {
            inspect(id).ifPresent(seen::add);
        }
        return seen.build();
    }

    /// Changes what it may have of the machine while it runs. What is not limited any more is set free.
    void limit(String id, CgroupLimits limits) throws EngineException, InterruptedException {
        done("change the limits of container " + id, () -> {
            var command = docker.updateContainerCmd(id)
                    // No value takes a limit of memory away; all that can be counted stands for none.
                    .withMemory(limits.memory().orElse(UNLIMITED_MEMORY))
                    .withMemorySwap(HostConfigs.UNLIMITED_SWAP)
                    .withPidsLimit(limits.tasks().orElse(-1L));
            command.withCpuPeriod(HostConfigs.CPU_PERIOD_MICROS)
                    .withCpuQuota(limits.cpu().map(HostConfigs::quota).orElse(-1L));
            return command.exec();
        });
    }

    /// Waits until it has ended.
    ///
    /// @return its exit code; empty if it still runs when the time is over
    Optional<Integer> awaitExit(String id, Duration limit) throws EngineException, InterruptedException {
        try (var exit = new ExitCode()) {
            streams.waitContainerCmd(id).exec(exit);
            boolean ended = exit.awaitEnd(limit);
            if (ended && exit.code.get().isEmpty()) {
                throw calls.failed("wait for container " + id, exit.end());
            }
            return exit.code.get();
        }
    }

    private static final class ExitCode extends StreamCallback<WaitResponse> {
        private final AtomicReference<Optional<Integer>> code = new AtomicReference<>(Optional.empty());

        @Override
        public void onNext(WaitResponse response) {
            code.set(Optional.of(response.getStatusCode()));
        }
    }

    private void done(String what, Callable<?> call) throws EngineException, InterruptedException {
        changed(what, answer, call);
    }

    /// That it is so already is as good.
    private void changed(String what, Duration limit, Callable<?> call) throws EngineException, InterruptedException {
        var _ = calls.act(what, limit, () -> {
            try {
                var _ = call.call();
            } catch (NotModifiedException _) {
                return false;
            }
            return true;
        });
    }
}
