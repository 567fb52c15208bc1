package io.flota.simulation;

import java.time.Duration;

/// What befalls a process at a chosen place, beside what chance brings. By default nothing.
interface Interference {
    Interference NONE = new Interference() {};

    /// A cluster is about to start.
    default void beginsIn(SimCluster cluster) {}

    /// The process's write has just taken effect; it does not know yet.
    default void written(SimProcess process) {}

    /// By how much longer than others a write of the process, which it sends now, is on its way.
    default Duration delays(SimProcess process) {
        return Duration.ZERO;
    }

    /// Whether the process is told what became of what it asked for last; if not, it never hears of it.
    default boolean answers(SimProcess process) {
        return true;
    }

    /// Whether the process may hear what a watch has to tell it now; if not, `again` is to be run later.
    default boolean mayHear(SimProcess process, Runnable again) {
        return true;
    }
}
