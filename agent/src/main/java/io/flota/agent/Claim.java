package io.flota.agent;

import io.flota.machine.Machine;
import java.util.Optional;
import java.util.function.Predicate;

/// Whether a machine may take its key in the store.
sealed interface Claim {
    record Mine(String because) implements Claim {}

    /// The key is another's, for as long as its lease lives.
    record Wait(String because) implements Claim {}

    /// @param registered the living key's machine; empty if there is no key
    /// @param answers whether an agent at an address other than ours answers there
    static Claim of(Machine machine, Optional<Machine> registered, Predicate<String> answers) {
        if (registered.isEmpty()) {
            return new Mine("it is not registered");
        }
        var other = registered.get();
        if (!other.hostname().equals(machine.hostname())) {
            return new Wait("two machines have the machine id " + machine.id() + ": " + words(machine)
                    + " is this one, " + words(other) + " is registered; give one of them another id"
                    + " (--machine-id, or a new /etc/machine-id)");
        }
        if (!other.bootId().equals(machine.bootId())) {
            return new Wait("it is still registered from another boot, which ends with that lease if this machine has"
                    + " rebooted; else two machines have the machine id " + machine.id() + ": " + words(machine)
                    + " is this one, " + words(other) + " is registered");
        }
        var address = other.agentAddress();
        if (!address.equals(machine.agentAddress()) && answers.test(address)) {
            return new Wait("an agent runs at " + address + " on this host that has the machine id " + machine.id()
                    + ", too; end it, or give this one another --machine-id");
        }
        return new Mine("an agent of this machine and boot was here before");
    }

    private static String words(Machine machine) {
        return machine.hostname() + " (address " + machine.privateIp() + ", boot " + machine.bootId() + ")";
    }
}
