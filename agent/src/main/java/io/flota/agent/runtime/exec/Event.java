package io.flota.agent.runtime.exec;

/// What happens to a unit.
sealed interface Event {
    /// Start it, by request of an operator or of another unit.
    ///
    /// @param epochBase what its epoch counts from; 0 if it is not exclusive
    record Start(long epochBase) implements Event {}

    /// Its time is over, see [Term]: it was killed for that, or is not started any more.
    record Struck(String because) implements Event {}

    /// An operator asks for a start: the start limit counts from here.
    record Pardoned() implements Event {}

    /// Stop it, by request; `Restart=` does not apply.
    ///
    /// @param because empty if the operator wants it
    record Stop(String because) implements Event {}

    /// An agent takes the unit over from an earlier one: whatever was under way is to be taken up again.
    record Adopt() implements Event {}

    /// A planned process has begun.
    record Began(long run, long pid, long ticks) implements Event {}

    /// A planned process never began, as its agent went away; it may be planned anew.
    record NeverBegan(long run) implements Event {}

    /// A process could not be made.
    ///
    /// @param status the exit status that systemd would show
    /// @param reason in words
    record NotSpawned(long run, int status, String reason) implements Event {}

    record Ended(long run, Exit exit) implements Event {}

    /// The kernel killed a process of the unit for its memory; told before that one's end.
    record OutOfMemory() implements Event {}

    /// No process of the unit is left.
    ///
    /// @param run the last run when this was asked
    record TreeEmptied(long run) implements Event {}

    /// The deadline has passed.
    record TimeUp() implements Event {}

    /// The daemon that a forking service left behind.
    record MainFound(long pid, long ticks) implements Event {}

    /// There is no telling which of its processes is the main one.
    record MainUnclear() implements Event {}

    /// `READY=1`.
    record Ready() implements Event {}

    /// `STOPPING=1`.
    record Stopping() implements Event {}

    /// `STATUS=`.
    record Status(String text) implements Event {}

    /// Something that it needs is not there, so that it cannot start.
    record DependencyFailed(String reason) implements Event {}
}
