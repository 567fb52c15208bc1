package io.flota.agent.runtime.exec;

import com.google.common.hash.Hashing;
import io.flota.unit.UnitName;

/// Where a unit says how it is: a socket in the abstract name space, which needs no folder that the unit's user could
/// enter, and is the same for every agent of this machine.
final class NotifyAddress {
    private NotifyAddress() {}

    /// As in `$NOTIFY_SOCKET`, where `@` stands for the NUL that such names begin with.
    static String of(ExecSettings machine, UnitName unit) {
        var identity = machine.machineId() + "/" + machine.stateFolder() + "/" + unit;
        return "@flota/" + Hashing.sha256().hashUnencodedChars(identity).toString().substring(0, 32);
    }
}
