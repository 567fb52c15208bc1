package io.flota.agent.runtime.docker;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import io.flota.agent.runtime.setting.CgroupLimits;
import java.time.Instant;
import java.util.Optional;

/// All that counts for what is to be done next for one unit.
///
/// @param loaded whether the unit is a container's, and loaded here
/// @param settings empty if it is not, or its file cannot be read
/// @param underway what is being done; until that has ended, nobody is told what it may change
/// @param up whether the machine's runtime has the unit up, or on its way
/// @param limits what its containers may have, with what operators have set; empty if that is not known
/// @param limited the limits that running containers are known to have, by id
/// @param stopping the ids of containers that were told to stop
/// @param ran the activations of which a container was seen to run
/// @param ended the exit codes that were answered, by [Ask#run]
/// @param failed why the container of an activation could not be run, by [Ask#run]
record ContainerSight(
        boolean loaded, Optional<ContainerSettings> settings, boolean up, Optional<ContainerStep> underway,
        ImmutableList<Ask> asks, ImmutableList<SeenContainer> containers, ImageSight image,
        Optional<CgroupLimits> limits,
        ImmutableMap<String, CgroupLimits> limited, ImmutableList<String> stopping,
        ImmutableMap<String, String> failed, ImmutableSet<String> ran, ImmutableMap<String, Integer> ended,
        Instant now) {
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
