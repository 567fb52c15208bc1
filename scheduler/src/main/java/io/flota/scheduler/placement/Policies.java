package io.flota.scheduler.placement;

import io.flota.machine.MachineId;
import io.flota.scheduler.cluster.Cluster;
import io.flota.scheduler.cluster.RegisteredUnit;
import io.flota.scheduler.cluster.RegisteredUnit.Unreadable;
import io.flota.unit.UnitName;
import java.util.BitSet;
import java.util.Set;

/// Which machines operators want to take nothing new, and which they want empty. A draining machine's global units,
/// its equipment, leave last: once no other unit is there any more.
final class Policies {
    private final BitSet cordoned = new BitSet();
    private final BitSet draining = new BitSet();
    private final BitSet inUse = new BitSet();

    Policies(Cluster cluster, LiveMachines machines) {
        for (int number = 0; number < machines.count(); number++) {
            var policy = cluster.policyOf(machines.id(number));
            cordoned.set(number, !policy.isOpen());
            draining.set(number, policy.draining());
        }
        if (!draining.isEmpty()) {
            cluster.placements().forEach((unit, byMachine) -> use(cluster, machines, unit, byMachine.keySet()));
            cluster.states().forEach((unit, byMachine) -> use(cluster, machines, unit, byMachine.keySet()));
        }
    }

    private void use(Cluster cluster, LiveMachines machines, UnitName name, Set<MachineId> on) {
        var unit = cluster.units().get(name);
        if (unit == null || !unit.isGlobal() && !isLeftAlone(unit)) {
            on.forEach(machine -> machines.number(machine).ifPresent(inUse::set));
        }
    }

    /// Who stays for ever is not waited for.
    private static boolean isLeftAlone(RegisteredUnit unit) {
        return unit.isWanted() && unit.contents() instanceof Unreadable;
    }

    /// The machines that take nothing new, the draining ones among them.
    BitSet cordoned() {
        return cordoned;
    }

    /// Whether a unit has to leave a machine because that is to become empty.
    boolean drives(RegisteredUnit unit, int machine) {
        return draining.get(machine) && (!unit.isGlobal() || !inUse.get(machine));
    }

    String words(int machine) {
        return draining.get(machine) ? "machine is draining" : "machine is cordoned";
    }
}
