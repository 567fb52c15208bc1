package io.flota.agent.runtime.exec;

import com.google.common.collect.ImmutableMap;
import java.nio.file.Path;
import java.util.Optional;

/// What [ExecRuntime] has to know of its machine.
///
/// @param stateFolder holds all that has to outlive the agent; no two runtimes may share it
/// @param machineId also told to units, and tells the units of several machines on one host apart
/// @param publicIp `COREOS_PUBLIC_IPV4` of every unit; empty if unknown
/// @param privateIp `COREOS_PRIVATE_IPV4` of every unit; empty if unknown
/// @param environmentFile read in place of `/etc/environment`
/// @param journalBytes how much of each unit's output is kept, at least
/// @param cgroupParent the name of the control group that holds the units' groups
/// @param cgroupBase the control group of version 2 below which that one is made; the agent's own if empty
/// @param environment further variables of every unit
public record ExecSettings(
        Path stateFolder,
        String machineId,
        String hostname,
        String publicIp,
        String privateIp,
        Optional<Path> environmentFile,
        long journalBytes,
        String cgroupParent,
        Optional<Path> cgroupBase,
        ImmutableMap<String, String> environment) {

    /// Enough to read what went wrong, little enough for hundreds of units in a folder that lies in memory.
    public static final long DEFAULT_JOURNAL_BYTES = 1 << 20;

    /// Set by whoever encloses the agent in a control group, and wants its units beside it in there.
    private static final String CGROUP_BASE = "FLOTA_CGROUP_PARENT";

    public ExecSettings {
        if (!cgroupParent.matches("[A-Za-z0-9_-]{1,64}")) {
            throw new IllegalArgumentException("\"" + cgroupParent + "\" is no name for a control group");
        }
        if (stateFolder.toAbsolutePath().toString().chars().anyMatch(Character::isWhitespace)) {
            throw new IllegalArgumentException("the state folder \"" + stateFolder + "\" has a blank in its path");
        }
        stateFolder = stateFolder.toAbsolutePath();
    }

    public static ExecSettings of(
            Path stateFolder, String machineId, String hostname, String publicIp, String privateIp,
            Optional<Path> environmentFile) {
        return new ExecSettings(
                stateFolder, machineId, hostname, publicIp, privateIp, environmentFile, DEFAULT_JOURNAL_BYTES,
                "flota-" + machineId.replaceAll("[^A-Za-z0-9_-]", "_").substring(0, Math.min(32, machineId.length())),
                Optional.ofNullable(System.getenv(CGROUP_BASE)).map(Path::of),
                ImmutableMap.of());
    }

    /// The same, and these variables for every unit.
    public ExecSettings with(ImmutableMap<String, String> variables) {
        return new ExecSettings(
                stateFolder, machineId, hostname, publicIp, privateIp, environmentFile, journalBytes, cgroupParent, cgroupBase,
                variables);
    }
}
