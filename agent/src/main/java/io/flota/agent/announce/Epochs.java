package io.flota.agent.announce;

import io.flota.agent.runtime.UnitRuntime;
import io.flota.agent.steps.Run;
import io.flota.unit.UnitName;
import java.time.Instant;
import java.util.Set;
import java.util.TreeMap;

/// Numbers the runs of units, so that of two announcements of a unit the later one can be told. An epoch is a revision of
/// the store times a million, plus a count:
///
/// - On one machine each run has a higher one than the run before.
/// - Another agent of the machine counts from the revision at which it registered, which is later than all that the one
///   before it knew.
/// - Another machine counts from the revision of its placement, which is later than all that the machine before it knew.
///
/// A run whose machine is registered anew has a new one: the unit may have been started elsewhere meanwhile. Not for
/// several threads.
final class Epochs {
    /// @param since when this number was given
    record Epoch(long number, Instant since) {}

    private record Given(Run run, long registered, Epoch epoch) {}

    private final TreeMap<UnitName, Given> given = new TreeMap<>();

    /// @param written the revision at which the placement was written last
    /// @param registered the revision at which the machine was registered under its lease
    Epoch of(UnitName unit, Run run, long written, long registered, Instant now) {
        var before = given.get(unit);
        if (before != null && before.registered() == registered && before.run().isSame(run)) {
            return before.epoch();
        }
        long next = before == null ? 0 : before.epoch().number() + 1;
        var epoch = new Epoch(Math.max(next, first(Math.max(written, registered))), now);
        given.put(unit, new Given(run, registered, epoch));
        return epoch;
    }

    /// The first epoch that counts from a revision.
    static long first(long revision) {
        return revision * (UnitRuntime.MOST_STARTS + 1);
    }

    /// Forgets all other units.
    void keepOnly(Set<UnitName> units) {
        given.keySet().retainAll(units);
    }
}
