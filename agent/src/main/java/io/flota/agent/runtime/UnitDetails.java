package io.flota.agent.runtime;

import com.google.common.collect.ImmutableList;
import io.flota.agent.runtime.process.Traffic;
import java.util.Collection;
import java.util.Optional;

/// What a unit consists of at this moment, and what it takes. What is not known is empty.
///
/// @param controlGroup its path, without that of the mount
/// @param processes in the order of their ids
/// @param memory bytes in use
/// @param memoryMax bytes that it may use at most
/// @param cpu nanoseconds that it has used since it began
/// @param tasks processes and threads
/// @param tasksMax as many as there may be
/// @param traffic what went over its own network since that is there, or since it began
/// @param mainExit how its main process ended, in systemd's words: `code=exited, status=3`
public record UnitDetails(
        Optional<String> controlGroup, ImmutableList<Member> processes, Optional<Long> memory, Optional<Long> memoryMax,
        Optional<Long> cpu, Optional<Long> tasks, Optional<Long> tasksMax, Optional<Traffic> traffic,
        Optional<String> mainExit) {
    /// @param command with its arguments
    public record Member(long pid, String command) {
        public static ImmutableList<Long> pids(Collection<Member> members) {
            return members.stream().map(Member::pid).collect(ImmutableList.toImmutableList());
        }
    }
}
