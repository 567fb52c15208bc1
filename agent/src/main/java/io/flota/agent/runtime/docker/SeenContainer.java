package io.flota.agent.runtime.docker;

import com.github.dockerjava.api.command.InspectContainerResponse;
import com.google.common.base.Ascii;
import com.google.common.collect.ImmutableSortedMap;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// A container as Docker sees it.
///
/// @param name without the slash that Docker puts in front
/// @param labels ours; empty if it is not ours
/// @param pid of its first process, as the machine counts; empty if it does not run
/// @param exitCode of the last run; 137 is SIGKILL
/// @param error why it could not be started; empty if it could
/// @param health empty if nobody checks it
/// @param ports of the machine, by port of the container, such as `80/tcp`
record SeenContainer(
        String id, String name, Optional<ContainerLabels> labels, String imageId, Status status, Optional<Long> pid,
        int exitCode, boolean killedForMemory, String error, Optional<Instant> started, Optional<Instant> finished,
        Optional<Health> health, ImmutableSortedMap<String, Integer> ports) {
    enum Status {
        CREATED,
        RUNNING,
        PAUSED,
        RESTARTING,
        REMOVING,
        EXITED,
        DEAD
    }

    enum Health {
        STARTING,
        HEALTHY,
        UNHEALTHY
    }

    boolean runs() {
        return status == Status.RUNNING || status == Status.PAUSED || status == Status.RESTARTING;
    }

    static SeenContainer of(InspectContainerResponse seen) {
        var state = seen.getState();
        var labels = Optional.ofNullable(seen.getConfig().getLabels()).orElse(Map.of());
        return new SeenContainer(
                seen.getId(), seen.getName().replaceFirst("^/", ""), ContainerLabels.read(labels), seen.getImageId(),
                Status.valueOf(Ascii.toUpperCase(state.getStatus())),
                Optional.ofNullable(state.getPidLong()).filter(pid -> pid > 0),
                Optional.ofNullable(state.getExitCodeLong()).map(Long::intValue).orElse(0),
                Boolean.TRUE.equals(state.getOOMKilled()),
                Optional.ofNullable(state.getError()).orElse(""),
                time(state.getStartedAt()), time(state.getFinishedAt()),
                Optional.ofNullable(state.getHealth()).flatMap(health -> health(health.getStatus())), ports(seen));
    }

    private static Optional<Health> health(String status) {
        return switch (status) {
            case "starting" -> Optional.of(Health.STARTING);
            case "healthy" -> Optional.of(Health.HEALTHY);
            case "unhealthy" -> Optional.of(Health.UNHEALTHY);
            default -> Optional.empty();
        };
    }

    /// Docker writes the first year for what has not been yet.
    private static Optional<Instant> time(String text) {
        return Optional.ofNullable(text)
                .filter(given -> !given.isEmpty() && !given.startsWith("0001-"))
                .map(given -> OffsetDateTime.parse(given).toInstant());
    }

    private static ImmutableSortedMap<String, Integer> ports(InspectContainerResponse seen) {
        var ports = new TreeMap<String, Integer>();
        seen.getNetworkSettings().getPorts().getBindings().forEach((exposed, bindings) -> {
            if (bindings != null && bindings.length > 0) {
                ports.put(exposed.toString(), Integer.parseInt(bindings[0].getHostPortSpec()));
            }
        });
        return ImmutableSortedMap.copyOf(ports);
    }
}
