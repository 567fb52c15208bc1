package io.flota.simulation;

/// What befalls a process at a chosen place, beside what chance brings. By default nothing.
interface Interference {
    Interference NONE = new Interference() {};

    /// The process's write has just taken effect; it does not know yet.
    default void written(SimProcess process) {}

    /// Whether the process may hear what a watch has to tell it now; if not, `again` is to be run later.
    default boolean mayHear(SimProcess process, Runnable again) {
        return true;
    }
}
