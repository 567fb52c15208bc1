package io.flota.agent.runtime.exec;

/// A process of a unit.
///
/// @param run its number among all that the unit ever ran; names its files
/// @param pid 0 until it has said so itself
/// @param ticks when it started, in the kernel's clock ticks, so that a reused pid is not taken for it; 0 if unknown
record Proc(long run, long pid, long ticks) {
    static Proc planned(long run) {
        return new Proc(run, 0, 0);
    }

    boolean isClaimed() {
        return pid != 0;
    }
}
