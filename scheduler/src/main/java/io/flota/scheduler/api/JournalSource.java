package io.flota.scheduler.api;

import io.flota.machine.MachineId;
import io.flota.unit.UnitName;
import java.util.Comparator;

/// Where the output of one unit is, or a part of it.
record JournalSource(UnitName unit, MachineId machine) implements Comparable<JournalSource> {
    private static final Comparator<JournalSource> ORDER =
            Comparator.comparing(JournalSource::unit).thenComparing(JournalSource::machine);

    @Override
    public int compareTo(JournalSource other) {
        return ORDER.compare(this, other);
    }
}
