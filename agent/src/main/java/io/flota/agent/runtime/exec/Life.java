package io.flota.agent.runtime.exec;

import com.google.common.collect.ImmutableList;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/// All that [UnitMachine] knows of one unit; times are the [BootClock]'s. Kept on disk, so that the next agent goes on
/// where this one ended.
///
/// @param command which of the phase's commands runs
/// @param main the main process
/// @param control the process of any other command
/// @param mainExit how the main process of this activation ended
/// @param stopRequested whether it goes down by request, so that `Restart=` does not apply
/// @param emptied whether its tree was seen empty in this phase
/// @param unheard whether it may have said in this phase that it is ready while no agent was there to hear it
/// @param deadline when this phase has taken too long, or the wait for a restart ends
/// @param since when the active state began
/// @param activated when this activation began
/// @param starts when it was started, within the start limit's interval
/// @param epoch of the last start
/// @param runs the number of the last run
/// @param reason why it is as it is; may be empty
/// @param status what it said of itself (`STATUS=`); may be empty
record Life(
        Phase phase,
        int command,
        Optional<Proc> main,
        Optional<Proc> control,
        Optional<Exit> mainExit,
        Result result,
        boolean stopRequested,
        boolean emptied,
        boolean unheard,
        Optional<Instant> deadline,
        Instant since,
        Instant activated,
        int restarts,
        ImmutableList<Instant> starts,
        Epoch epoch,
        long runs,
        String reason,
        String status) {

    /// systemd's DefaultTimeoutStopSec.
    private static final Duration LAST_KILL = Duration.ofSeconds(90);

    /// Runs are counted from the time on, so that what is still told of a unit of the same name that was unloaded
    /// before is not taken for news of this one.
    static Life loaded(Instant now) {
        return new Life(
                Phase.DEAD, 0, Optional.empty(), Optional.empty(), Optional.empty(), Result.SUCCESS, false, true,
                false, Optional.empty(), now, now, 0, ImmutableList.of(), Epoch.NONE,
                now.toEpochMilli(), "", "");
    }

    /// That of a unit of which nothing is known but that it was here: whatever runs of it is killed, and it has failed.
    static Life lost(Instant now, String reason) {
        return new Life(
                Phase.FINAL_SIGKILL, 0, Optional.empty(), Optional.empty(), Optional.empty(), Result.RESOURCES, true,
                false, false, Optional.of(now.plus(LAST_KILL)), now, now, 0, ImmutableList.of(), Epoch.NONE,
                now.toEpochMilli(), reason, "");
    }
}
