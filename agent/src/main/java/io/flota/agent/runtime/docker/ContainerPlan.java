package io.flota.agent.runtime.docker;

import com.github.dockerjava.api.command.CreateContainerCmd;
import com.github.dockerjava.api.model.ExposedPort;
import com.github.dockerjava.api.model.HealthCheck;
import com.github.dockerjava.api.model.Volume;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import io.flota.agent.runtime.docker.ContainerSettings.Attachment;
import io.flota.agent.runtime.docker.ContainerSettings.Health;
import io.flota.agent.runtime.process.Signal;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Optional;
import java.util.stream.Stream;

/// What Docker is to create for a unit. Pure.
record ContainerPlan(ContainerSettings settings, ContainerLabels labels, MachineFiles files) {
    String name() {
        return settings.name();
    }

    /// Networks that it enters once it is there: Docker before release 25 takes only one as it creates a container.
    ImmutableList<Attachment> furtherNetworks() {
        return settings.networking().networks().stream().skip(1).collect(ImmutableList.toImmutableList());
    }

    /// Fills in a command that was just made.
    CreateContainerCmd onto(CreateContainerCmd command) {
        var program = settings.program();
        command.withName(settings.name())
                .withImage(settings.image().toString())
                .withEnv(environment())
                .withLabels(allLabels())
                .withHostConfig(HostConfigs.of(settings, files));
        if (!program.command().isEmpty()) {
            command.withCmd(program.command());
        }
        // An empty word is how Docker is told to forget the image's.
        program.entrypoint().ifPresent(words -> command.withEntrypoint(words.isEmpty() ? ImmutableList.of("") : words));
        program.user().ifPresent(command::withUser);
        program.workingFolder().ifPresent(command::withWorkingDir);
        program.stopSignal().map(Signal::toString).ifPresent(command::withStopSignal);
        program.stopTimeout().map(Duration::toSeconds).map(Math::toIntExact).ifPresent(command::withStopTimeout);
        settings.health().map(ContainerPlan::healthCheck).ifPresent(command::withHealthcheck);
        if (!settings.storage().anonymous().isEmpty()) {
            command.withVolumes(settings.storage().anonymous().stream().map(Volume::new).toList());
        }
        return withNetworking(command);
    }

    private CreateContainerCmd withNetworking(CreateContainerCmd command) {
        var networking = settings.networking();
        networking.hostName().ifPresent(command::withHostName);
        // Docker passes over bindings of ports that are not exposed.
        var exposed = Stream.concat(
                        networking.ports().stream().map(port -> port.container() + "/" + port.protocol()),
                        networking.exposed().stream())
                .distinct()
                .map(ExposedPort::parse)
                .toList();
        if (!exposed.isEmpty()) {
            command.withExposedPorts(exposed);
        }
        networking.networks().stream().findFirst().ifPresent(first -> {
            first.ip().ifPresent(command::withIpv4Address);
            first.ip6().ifPresent(command::withIpv6Address);
            if (!first.aliases().isEmpty()) {
                command.withAliases(first.aliases());
            }
        });
        return command;
    }

    /// As Podman has it, what the unit's file says wins over what it names.
    private ImmutableList<String> environment() {
        var variables = new LinkedHashMap<>(files.environment());
        variables.putAll(settings.program().environment());
        return variables.entrySet().stream()
                .map(variable -> variable.getKey() + "=" + variable.getValue())
                .collect(ImmutableList.toImmutableList());
    }

    private ImmutableMap<String, String> allLabels() {
        return ImmutableMap.<String, String>builder().putAll(settings.labels()).putAll(labels.toMap()).buildOrThrow();
    }

    private static HealthCheck healthCheck(Health health) {
        var check = new HealthCheck();
        if (!health.test().isEmpty()) {
            check.withTest(health.test());
        }
        nanos(health.interval()).ifPresent(check::withInterval);
        nanos(health.timeout()).ifPresent(check::withTimeout);
        nanos(health.startPeriod()).ifPresent(check::withStartPeriod);
        health.retries().ifPresent(check::withRetries);
        return check;
    }

    private static Optional<Long> nanos(Optional<Duration> span) {
        return span.map(Duration::toNanos);
    }
}
