package io.flota.agent.runtime.setting;

import com.google.common.collect.ImmutableSortedMap;
import io.flota.machine.Machine;

/// What is told of the machine in environments.
public final class MachineEnvironment {
    private static final String PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

    private MachineEnvironment() {}

    public static ImmutableSortedMap<String, String> of(Machine machine) {
        return ImmutableSortedMap.of(
                "COREOS_PUBLIC_IPV4", machine.publicIp(),
                "COREOS_PRIVATE_IPV4", machine.privateIp(),
                "FLOTA_MACHINE_ID", machine.id().value());
    }

    /// All that commands find which the agent runs beside units.
    public static ImmutableSortedMap<String, String> ofCommands(Machine machine) {
        return ImmutableSortedMap.<String, String>naturalOrder()
                .putAll(of(machine))
                .put("PATH", PATH)
                .buildOrThrow();
    }
}
