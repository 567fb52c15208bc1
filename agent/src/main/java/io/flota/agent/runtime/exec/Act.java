package io.flota.agent.runtime.exec;

import io.flota.agent.runtime.process.Signal;
import io.flota.unit.CommandLine;

/// What is to be done about a unit. Each may be done twice: an agent that ends between two acts leaves them to the
/// next one.
sealed interface Act {
    record Spawn(long run, Hook hook, CommandLine command) implements Act {}

    /// A process was planned by an earlier agent: find out what became of it.
    record Recover(long run) implements Act {}

    enum Scope {
        /// The main process and the one of the current command.
        KNOWN,
        /// Every process of the unit.
        TREE
    }

    record Kill(Scope scope, Signal signal) implements Act {}

    /// Say [Event.TreeEmptied] once no process is left.
    ///
    /// @param run the last run, to be told with it
    record AwaitEmpty(long run) implements Act {}

    /// Look for the daemon that a forking service left behind, until it is found.
    record FindMain() implements Act {}

    /// Say when the main process ends, which has no shim.
    record WatchMain() implements Act {}

    /// Remove what is left of the activation.
    record Clean() implements Act {}

    /// Set its limits as they are now for what runs of it.
    record Limit() implements Act {}

    /// Write a line to the unit's journal.
    record Log(String text) implements Act {}
}
