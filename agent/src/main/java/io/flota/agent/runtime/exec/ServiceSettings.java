package io.flota.agent.runtime.exec;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableListMultimap;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import io.flota.agent.runtime.process.Signal;
import io.flota.agent.runtime.setting.CgroupLimits;
import io.flota.agent.runtime.setting.EnvironmentSource;
import io.flota.unit.CommandLine;
import java.time.Duration;
import java.util.Optional;

/// How a service runs: `[Service]`, specifiers expanded, defaults filled in.
///
/// @param restart when it is started anew by itself
/// @param pidFile where a forking service says which process it left behind
/// @param notifies whether it is given a socket to say how it is
/// @param remain whether it stays active once its processes have ended
record ServiceSettings(
        Type type,
        ImmutableListMultimap<Hook, CommandLine> commands,
        RestartRule restart,
        StartLimit startLimit,
        Timeouts timeouts,
        Killing killing,
        boolean remain,
        Optional<String> pidFile,
        boolean notifies,
        ImmutableSet<Exit> cleanExits,
        Surroundings surroundings) {

    /// Those of a unit that runs nothing.
    static final ServiceSettings NOTHING = new ServiceSettings(
            Type.ONESHOT,
            ImmutableListMultimap.of(),
            new RestartRule(RestartWhen.NO, Duration.ZERO, ImmutableSet.of(), ImmutableSet.of()),
            new StartLimit(Duration.ZERO, 0),
            new Timeouts(Optional.empty(), Optional.empty(), Optional.empty()),
            new Killing(KillMode.CONTROL_GROUP, Signal.TERM, Signal.KILL, true, false),
            true,
            Optional.empty(),
            false,
            ImmutableSet.of(),
            new Surroundings(
                    Optional.empty(), Optional.empty(), Optional.empty(), "0022",
                    new Variables(ImmutableMap.of(), ImmutableList.of(), ImmutableList.of(), ImmutableList.of()),
                    new Streams(new Sink.Journal(), new Sink.Inherit()),
                    CgroupLimits.NONE,
                    ImmutableList.of(), false, ImmutableListMultimap.of()));

    enum Type {
        /// Up as soon as its process is there; `exec` means the same here, as programs are looked up before.
        SIMPLE,
        /// Up once its commands have ended.
        ONESHOT,
        /// Up once it says so.
        NOTIFY,
        /// Up once its command has ended and left a daemon behind.
        FORKING
    }

    enum RestartWhen {
        NO,
        ON_SUCCESS,
        ON_FAILURE,
        ON_ABNORMAL,
        ON_WATCHDOG,
        ON_ABORT,
        ALWAYS
    }

    /// @param prevented ends after which it is not started again
    /// @param forced ends after which it always is
    record RestartRule(
            RestartWhen when, Duration delay, ImmutableSet<Exit> prevented, ImmutableSet<Exit> forced) {}

    /// No more than so many starts within an interval; none of the two is a limit if it is zero.
    record StartLimit(Duration interval, int burst) {
        boolean exists() {
            return !interval.isZero() && burst > 0;
        }
    }

    /// Empty: no limit.
    record Timeouts(Optional<Duration> start, Optional<Duration> stop, Optional<Duration> run) {}

    enum KillMode {
        CONTROL_GROUP,
        MIXED,
        PROCESS,
        NONE
    }

    record Killing(KillMode mode, Signal signal, Signal finalSignal, boolean sigkill, boolean sighup) {}

    /// What the processes find around them.
    ///
    /// @param umask in octal
    /// @param prefix programs with arguments that set limits and then run the command
    /// @param folders made before it starts, by the place that they are made in, such as `/run`
    record Surroundings(
            Optional<String> user,
            Optional<String> group,
            Optional<Folder> workingFolder,
            String umask,
            Variables variables,
            Streams streams,
            CgroupLimits limits,
            ImmutableList<String> prefix,
            boolean noNewPrivileges,
            ImmutableListMultimap<String, String> folders) {}

    /// @param path `~` is the user's home
    record Folder(String path, boolean mayMiss) {}

    /// @param set `Environment=`
    /// @param passed names that are taken over from the agent
    record Variables(
            ImmutableMap<String, String> set, ImmutableList<EnvironmentSource> files, ImmutableList<String> passed,
            ImmutableList<String> unset) {}

    /// Where output goes.
    record Streams(Sink output, Sink error) {}

    sealed interface Sink {
        record Journal() implements Sink {}

        record Null() implements Sink {}

        /// Standard error only: where standard output goes.
        record Inherit() implements Sink {}

        record File(String path, boolean append) implements Sink {}
    }

    /// Whether an end of a daemon is no failure.
    boolean isClean(Exit exit) {
        return switch (exit) {
            case Exit.Code(int status) -> status == 0 || cleanExits.contains(exit);
            case Exit.Killed(Signal signal) -> type != Type.ONESHOT
                            && (signal.equals(Signal.HUP) || signal.equals(Signal.INT) || signal.equals(Signal.TERM)
                                    || signal.equals(Signal.PIPE))
                    || cleanExits.contains(exit);
            case Exit.Unseen _ -> false;
        };
    }
}
