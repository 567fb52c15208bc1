package io.flota.agent.runtime.systemd;

import com.google.common.collect.ImmutableSortedMap;
import java.nio.file.Path;

/// What [SystemdRuntime] has to know of its machine.
///
/// @param stateFolder holds the unit files, and all else that has to outlive the agent; gone with the next boot
/// @param machineId told to units
/// @param publicIp `COREOS_PUBLIC_IPV4` of every service; empty if unknown
/// @param privateIp `COREOS_PRIVATE_IPV4` of every service; empty if unknown
/// @param environment of every service besides; its file has the last word
/// @param bus how systemd is reached
public record SystemdSettings(
        Path stateFolder, String machineId, String publicIp, String privateIp,
        ImmutableSortedMap<String, String> environment, Bus bus) {
    public SystemdSettings {
        stateFolder = stateFolder.toAbsolutePath();
        if (stateFolder.toString().chars().anyMatch(c -> Character.isWhitespace(c) || "\"'\\".indexOf(c) >= 0)) {
            throw new IllegalArgumentException(
                    "the state folder \"" + stateFolder + "\" has a blank, a quote or a backslash in its path");
        }
    }

    /// With nothing more in the environment of services.
    public SystemdSettings(Path stateFolder, String machineId, String publicIp, String privateIp, Bus bus) {
        this(stateFolder, machineId, publicIp, privateIp, ImmutableSortedMap.of(), bus);
    }
}
