package io.flota.registry;

import io.flota.machine.MachineId;
import io.flota.unit.UnitName;

/// The key space: every key that Flota uses in etcd, all under one prefix.
///
/// | key | value | lifetime | written by |
/// |---|---|---|---|
/// | `machines/<machine id>` | MachineRecord | the agent's lease | agent |
/// | `files/<sha256>` | the unit file's bytes | while a unit uses it | API |
/// | `units/<unit>` | UnitRecord | until destroyed | API, by compare |
/// | `placements/<machine id>/<unit>` | PlacementRecord | until moved | leader, by compare on `leader` |
/// | `states/<machine id>/<unit>` | StateRecord | the agent's lease | agent |
/// | `leader` | LeaderRecord | the scheduler's lease | scheduler |
///
/// @param prefix ends in a slash
public record Keys(String prefix) {
    public static final Keys DEFAULT = new Keys("/flota/v1/");

    public Keys {
        if (!prefix.endsWith("/")) {
            throw new IllegalArgumentException("the key prefix \"" + prefix + "\" must end in \"/\"");
        }
    }

    public String machine(MachineId id) {
        return prefix + "machines/" + id;
    }

    public String file(String hash) {
        return prefix + "files/" + hash;
    }

    public String unit(UnitName name) {
        return prefix + "units/" + name;
    }

    public String placements(MachineId machine) {
        return prefix + "placements/" + machine + "/";
    }

    public String placement(MachineId machine, UnitName unit) {
        return placements(machine) + unit;
    }

    public String states(MachineId machine) {
        return prefix + "states/" + machine + "/";
    }

    public String state(MachineId machine, UnitName unit) {
        return states(machine) + unit;
    }

    public String leader() {
        return prefix + "leader";
    }
}
