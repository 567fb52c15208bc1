package io.flota.agent.runtime.docker;

import com.google.common.collect.ImmutableMap;
import io.flota.unit.UnitName;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/// What the agent writes on its containers, so that the next agent knows them, and lets all others alone.
///
/// @param cluster names the cluster
/// @param machine its id
/// @param file the hash of the unit's file
/// @param placement the id of what the leader placed
/// @param run tells the activations of one placement apart
record ContainerLabels(String cluster, String machine, UnitName unit, String file, String placement, String run) {
    static final String PREFIX = "io.flota.";
    private static final String CLUSTER = PREFIX + "cluster";
    private static final String MACHINE = PREFIX + "machine";
    private static final String UNIT = PREFIX + "unit";
    private static final String FILE = PREFIX + "file";
    private static final String PLACEMENT = PREFIX + "placement";
    private static final String RUN = PREFIX + "run";

    /// What finds all containers of one machine.
    static ImmutableMap<String, String> of(String cluster, String machine) {
        return ImmutableMap.of(CLUSTER, cluster, MACHINE, machine);
    }

    /// What finds all containers of one unit.
    static ImmutableMap<String, String> of(String cluster, String machine, UnitName unit) {
        return ImmutableMap.of(CLUSTER, cluster, MACHINE, machine, UNIT, unit.full());
    }

    /// Empty if the container is nobody's, or its labels are not whole.
    static Optional<ContainerLabels> read(Map<String, String> labels) {
        boolean whole = Stream.of(CLUSTER, MACHINE, UNIT, FILE, PLACEMENT, RUN).allMatch(labels::containsKey)
                && UnitName.problem(labels.get(UNIT)).isEmpty();
        return whole
                ? Optional.of(new ContainerLabels(
                        labels.get(CLUSTER), labels.get(MACHINE), new UnitName(labels.get(UNIT)), labels.get(FILE),
                        labels.get(PLACEMENT), labels.get(RUN)))
                : Optional.empty();
    }

    ImmutableMap<String, String> toMap() {
        return ImmutableMap.of(
                CLUSTER, cluster, MACHINE, machine, UNIT, unit.full(), FILE, file, PLACEMENT, placement, RUN, run);
    }
}
