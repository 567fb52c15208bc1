package io.flota.agent.runtime.docker;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import io.flota.agent.runtime.setting.CgroupLimits;
import java.time.Instant;
import java.util.Optional;

/// All that counts for what is to be done next for one unit.
///
/// @param settings empty if there is no such container's unit here, or its file cannot be read
/// @param up whether the machine's runtime has the unit up, or on its way
/// @param limits what its containers may have, with what operators have set
/// @param limited the limits that running containers are known to have, by id
/// @param stopping the ids of containers that were told to stop
/// @param ended the exit codes that were answered, by [Ask#run]
/// @param failed why the container of an activation could not be run, by [Ask#run]
record ContainerSight(
        Optional<ContainerSettings> settings, boolean up, ImmutableList<Ask> asks,
        ImmutableList<SeenContainer> containers, ImageSight image, CgroupLimits limits,
        ImmutableMap<String, CgroupLimits> limited, ImmutableList<String> stopping,
        ImmutableMap<String, String> failed, ImmutableMap<String, Integer> ended, Instant now) {
    Optional<Ask> asked(Ask.Verb verb) {
        return asks.stream().filter(ask -> ask.verb() == verb).findFirst();
    }

    /// The container of an activation.
    Optional<SeenContainer> of(String run) {
        return containers.stream()
                .filter(container -> container.labels().filter(labels -> labels.run().equals(run)).isPresent())
                .findFirst();
    }
}
