package io.flota.agent.steps;

import io.flota.unit.PartitionRules;
import io.flota.unit.UnitName;
import java.time.Duration;
import java.util.Optional;

/// Whether a unit that is wanted may be started now, and on what terms.
public sealed interface Admission {
    /// @param guard until when it may live; empty: as long as it likes
    /// @param epochBase what its epoch counts from; 0 if it is not exclusive
    record Granted(Optional<Guard> guard, long epochBase) implements Admission {}

    /// @param because in words
    record Withheld(String because) implements Admission {}

    /// A unit is started only while the machine's lease is certain to be held, and only by a placement that was read
    /// after the machine was registered under it: otherwise it may have been given to another machine meanwhile.
    ///
    /// Epochs rise over machines too: whoever gets the unit next gets it by a placement that is written later than all
    /// that this base is made of.
    ///
    /// @param tenure empty while the machine is not registered
    static Admission of(
            UnitName unit, PartitionRules rules, Placed placed, Optional<Tenure> tenure, Duration now) {
        if (tenure.isEmpty()) {
            return new Withheld("not started while this machine is not registered in etcd");
        }
        var guard = tenure.get().guard(unit, rules);
        var startsUntil = guard.map(Guard::startsUntil).orElse(tenure.get().end());
        if (now.compareTo(startsUntil) >= 0) {
            return new Withheld("not started while this machine's lease in etcd cannot be renewed");
        }
        if (placed.revision() < tenure.get().registered()) {
            return new Withheld("not started before it is certain that it is still placed here");
        }
        long written = placed.written().getOrDefault(unit, 0L);
        return new Granted(guard, rules.exclusive() ? Math.max(written, tenure.get().registered()) : 0);
    }
}
