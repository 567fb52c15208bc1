package io.flota.agent.runtime.docker;

import io.flota.agent.runtime.setting.CgroupLimits;

/// One thing to do for a container's unit.
sealed interface ContainerStep {
    /// Have the image here, as `Pull=` says.
    record Provide() implements ContainerStep {}

    /// @param run the activation that asks for it
    record Create(String run) implements ContainerStep {}

    record Start(String id) implements ContainerStep {}

    /// By its signal, and by force when its time is over.
    record Stop(String id) implements ContainerStep {}

    record Kill(String id) implements ContainerStep {}

    /// Stop and start again in place.
    record Restart(String id) implements ContainerStep {}

    /// By force if it runs.
    record Remove(String id) implements ContainerStep {}

    record Limit(String id, CgroupLimits limits) implements ContainerStep {}

    record Answer(Ask ask, int status, String words) implements ContainerStep {}
}
