package io.flota.examples.faults;

import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;

/// One process of a unit, as it told itself. Times are nanoseconds of the host's monotonic clock.
///
/// @param epoch what it found in `FLOTA_EPOCH`
/// @param first of its lines
/// @param last of its lines so far
record Run(String unit, String machine, long pid, OptionalLong epoch, long first, long last, Ending ending) {
    enum Ending {
        /// It was killed, or runs on.
        SILENT,
        /// It heard SIGTERM.
        ASKED,
        /// It failed by itself.
        OWN
    }

    /// For how long two were there at once; negative: for how long none was between them.
    long overlap(Run other) {
        return Math.min(last, other.last) - Math.max(first, other.first);
    }

    Run seen(long at, Ending how) {
        return new Run(unit, machine, pid, epoch, first, Math.max(last, at), how);
    }

    @Override
    public String toString() {
        return "%s on %s, process %d, %d to %d ms, %s"
                .formatted(unit, machine, pid, TimeUnit.NANOSECONDS.toMillis(first), TimeUnit.NANOSECONDS.toMillis(last),
                        ending);
    }
}
