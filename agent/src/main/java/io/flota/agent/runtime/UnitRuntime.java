package io.flota.agent.runtime;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSortedMap;
import io.flota.unit.UnitFile;
import io.flota.unit.UnitName;
import io.flota.unit.UnitState;
import java.time.Instant;
import java.util.Collection;
import java.util.function.Consumer;

/// What runs units on this machine. Verbs are idempotent, take whole batches, and return once the work is accepted;
/// what became of it is seen by [#observe]. A unit that cannot be loaded or started is a state with a message, never
/// an exception, so that one bad unit holds up no other.
///
/// Units belong to the machine, not to the agent's process: they run on when it ends, and the next one adopts them.
public interface UnitRuntime extends AutoCloseable {
    /// A unit file under the name that it is to have here.
    record UnitToLoad(UnitName name, UnitFile file) {}

    /// @param generation what [UnitState#generation] is to say once the unit was started
    record UnitToStart(UnitName name, long generation) {}

    /// One line that a unit wrote.
    ///
    /// @param process as journalctl shows it, `name[pid]`; may be empty
    record JournalLine(Instant time, UnitName unit, String process, String text) {}

    /// Every unit that is loaded here, adopted ones included. The states' placement ids are left empty: placements
    /// are the agent's affair.
    ImmutableSortedMap<UnitName, UnitState> observe() throws RuntimeUnavailableException;

    /// Makes units known, each with exactly this file. A unit that is loaded already takes the new file when it is
    /// started next.
    void load(Collection<UnitToLoad> units) throws RuntimeUnavailableException;

    /// Starts loaded units, in the order that their `After=` and `Before=` ask for. A running unit with another
    /// generation is stopped first.
    void start(Collection<UnitToStart> units) throws RuntimeUnavailableException;

    /// Stops units; their generation is 0 from then on.
    void stop(Collection<UnitName> units) throws RuntimeUnavailableException;

    /// Forgets units that are down. One that is not is stopped, and forgotten afterwards.
    void unload(Collection<UnitName> units) throws RuntimeUnavailableException;

    /// Calls this, from any thread, whenever what [#observe] returns may have changed.
    void onChange(Runnable signal);

    /// Hands the last lines that a unit wrote to the sink, oldest first, and with `follow` all later ones, until
    /// the thread is interrupted or the unit is unloaded.
    ///
    /// @param lines how many; negative for all that is kept
    /// @return false if the unit is not known here
    boolean journal(UnitName unit, int lines, boolean follow, Consumer<ImmutableList<JournalLine>> sink)
            throws RuntimeUnavailableException, InterruptedException;

    /// Lets go of the runtime. Units run on.
    @Override
    void close();
}
