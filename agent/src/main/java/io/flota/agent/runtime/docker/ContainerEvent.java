package io.flota.agent.runtime.docker;

import com.github.dockerjava.api.model.Event;
import com.google.common.collect.ImmutableMap;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/// Something became of a container of ours.
///
/// @param action Docker's word: `create`, `start`, `die`, `oom`, `health_status: healthy`, `destroy` …
/// @param exitCode of `die`
record ContainerEvent(
        Instant at, String id, String action, Optional<ContainerLabels> labels, Optional<Integer> exitCode) {
    /// Empty for what makes no difference to a container: each of its health checks is told three times.
    static Optional<ContainerEvent> of(Event event) {
        if (event.getActor() == null || event.getAction() == null || event.getAction().startsWith("exec_")) {
            return Optional.empty();
        }
        var attributes = ImmutableMap.copyOf(Optional.ofNullable(event.getActor().getAttributes()).orElse(Map.of()));
        long nanos = Optional.ofNullable(event.getTimeNano()).orElse(0L);
        return Optional.of(new ContainerEvent(
                Instant.ofEpochSecond(0, nanos), event.getActor().getId(), event.getAction(),
                ContainerLabels.read(attributes),
                Optional.ofNullable(attributes.get("exitCode")).map(Integer::valueOf)));
    }
}
