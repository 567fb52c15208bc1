package io.flota.simulation;

import io.flota.unit.DesiredState;
import io.flota.unit.UnitName;
import java.time.Duration;
import java.util.List;

/// One thing that somebody does to the cluster, or that befalls it, at a given moment.
///
/// @see Script
sealed interface Act {
    /// What operators do, by a scheduler of their choice.
    sealed interface Command extends Act {
        int scheduler();
    }

    /// Submits a unit, or changes what is wanted of it.
    record Apply(int scheduler, UnitName unit, DesiredState desired, boolean restart, UnitText text)
            implements Command {}

    record Destroy(int scheduler, UnitName unit) implements Command {}

    record Metadata(int machine, String disk) implements Act {}

    /// What an operator wants of a machine.
    ///
    /// @param disk instead of what its agent tells; empty: what its agent tells
    record Policy(int scheduler, int machine, Policing policing, String disk) implements Command {}

    /// Whether units may come to a machine, and stay there.
    enum Policing {
        OPEN,
        CORDONED,
        DRAINING
    }

    /// An operator says that the machines are lost that are away.
    record ReleaseValve(int scheduler) implements Command {}

    /// Time passes, and nobody does anything.
    record Nothing(Duration lasting) implements Act {}

    record MachineDies(int machine, Duration lasting) implements Act {}

    /// It never comes back.
    record MachineIsGone(int machine) implements Act {}

    /// What the agent asks for from its next start on.
    ///
    /// @param ttl of its lease
    record Lease(int machine, Duration ttl) implements Act {}

    record AgentDies(int machine, Duration lasting) implements Act {}

    record AgentHandsOver(int machine, Duration lasting) implements Act {}

    /// Another agent takes over after that time.
    record AgentGivesWay(int machine, Duration lasting) implements Act {}

    record AgentPauses(int machine, Duration lasting) implements Act {}

    record DiskFull(int machine, Duration lasting) implements Act {}

    /// Somebody sets the calendar of one machine or scheduler.
    record ClockSet(String place, Duration by) implements Act {}

    record SchedulerDies(int scheduler, Duration lasting) implements Act {}

    record SchedulerPauses(int scheduler, Duration lasting) implements Act {}

    record EtcdAway(Duration lasting) implements Act {}

    record EtcdChangesLeader(List<String> misled, Duration moment) implements Act {}

    record EtcdCompacts(int keep) implements Act {}

    /// @param requests whether what is sent is cut off
    /// @param answers whether what comes back is cut off
    record Cut(List<String> places, boolean requests, boolean answers, Duration lasting) implements Act {}

    record Slow(String place, int times, Duration lasting) implements Act {}

    record WatchesBreak(String place) implements Act {}

    record WatchesFallSilent(String place) implements Act {}
}
