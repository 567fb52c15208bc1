package io.flota.agent.runtime;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSortedMap;
import io.flota.agent.runtime.process.Signal;
import io.flota.agent.steps.Guard;
import io.flota.unit.UnitFile;
import io.flota.unit.UnitName;
import io.flota.unit.UnitProperties;
import io.flota.unit.UnitState;
import java.time.Instant;
import java.util.Collection;
import java.util.Optional;
import java.util.function.Consumer;

/// What runs units on this machine. Verbs are idempotent, take whole batches, and return once the work is accepted;
/// what became of it is seen by [#observe]. A unit that cannot be loaded or started is a state with a message, never
/// an exception, so that one bad unit holds up no other.
///
/// Units belong to the machine, not to the agent's process: they run on when it ends, and the next one adopts them.
public interface UnitRuntime extends AutoCloseable {
    /// A unit file under the name that it is to have here.
    ///
    /// @param placement the id of what the leader placed, for whoever looks at the unit with other tools; may be empty
    record UnitToLoad(UnitName name, UnitFile file, String placement) {
        public UnitToLoad(UnitName name, UnitFile file) {
            this(name, file, "");
        }
    }

    /// @param generation what [UnitState#generation] is to say once the unit was started
    /// @param epochBase 0 for a unit that is not exclusive. Else what its `FLOTA_EPOCH` counts from: the n-th start that
    ///     the runtime makes under one base, those of `Restart=` included, is number base * 1,000,000 + n; n goes on
    ///     over stops, agents and later requests with the same base. After [#MOST_STARTS] the unit fails instead.
    record UnitToStart(UnitName name, long generation, long epochBase) {
        /// One that is not exclusive.
        public UnitToStart(UnitName name, long generation) {
            this(name, generation, 0);
        }
    }

    /// A guard that stands.
    ///
    /// @param struck whether the unit was found dead by it, or not started because of it; until it is started anew
    record Standing(Guard guard, boolean struck) {}

    /// How many starts there may be under one epoch base.
    long MOST_STARTS = 999_999;

    /// One line that a unit wrote.
    ///
    /// @param process as journalctl shows it, `name[pid]`; may be empty
    record JournalLine(Instant time, UnitName unit, String process, String text) {}

    /// Which lines of a journal.
    ///
    /// @param lines the last so many; negative: all that is kept
    /// @param follow whether those that are yet to be written are wanted, too
    /// @param since none that was written before; empty: from the beginning
    /// @param others what Docker has written to the machine's journal with all of these fields is the unit's, too
    record JournalPart(
            int lines, boolean follow, Optional<Instant> since, ImmutableSortedMap<String, String> others) {
        public JournalPart(int lines, boolean follow, Optional<Instant> since) {
            this(lines, follow, since, ImmutableSortedMap.of());
        }

        public JournalPart(int lines, boolean follow) {
            this(lines, follow, Optional.empty());
        }

        public JournalPart and(ImmutableSortedMap<String, String> fields) {
            return new JournalPart(lines, follow, since, fields);
        }
    }

    /// Every unit that is loaded here, adopted ones included. The states' placement ids are left empty: placements
    /// are the agent's affair.
    ImmutableSortedMap<UnitName, UnitState> observe() throws RuntimeUnavailableException;

    /// Makes units known, each with exactly this file. A unit that is loaded already takes the new file when it is
    /// started next.
    void load(Collection<UnitToLoad> units) throws RuntimeUnavailableException;

    /// Sets limits over those of the units' files, which hold from now on: for what runs at once and without a restart,
    /// for later starts as well, whatever becomes of the agent. All that was set before and is not named is taken away
    /// again; then what the file says holds. A limit that cannot be held is told in the unit's message, or in its
    /// journal. Units that are not loaded are left out; one that is forgotten has none.
    void setProperties(ImmutableSortedMap<UnitName, UnitProperties> properties) throws RuntimeUnavailableException;

    /// What [#setProperties] has set, by this agent or an earlier one; units for which nothing is set may be left out.
    ImmutableSortedMap<UnitName, UnitProperties> properties() throws RuntimeUnavailableException;

    /// Starts loaded units, in the order that their `After=` and `Before=` ask for. A running unit with another
    /// generation is stopped first.
    void start(Collection<UnitToStart> units) throws RuntimeUnavailableException;

    /// Stops units; their generation is 0 from then on. An exclusive one is started again only by [#start].
    void stop(Collection<UnitName> units) throws RuntimeUnavailableException;

    /// Stops units that leave this machine. Until they are loaded or started anew they stay down, whichever other unit
    /// needs or wants them: once they are down they may run elsewhere. A runtime that starts no unit for another one's
    /// sake has nothing to do beyond [#stop].
    default void release(Collection<UnitName> units) throws RuntimeUnavailableException {
        stop(units);
    }

    /// Forgets units that are down. One that is not is stopped, and forgotten afterwards.
    void unload(Collection<UnitName> units) throws RuntimeUnavailableException;

    /// Sets until when units may live; units that are not named keep the guard that they have. What holds from the
    /// return of this on, whatever becomes of the agent (stopped, killed, replaced; it need not run any more):
    ///
    /// - From `livesUntil` on no process of the unit is left: all are killed before. A guard stands until it is replaced,
    ///   by this agent or the next one.
    /// - From `startsUntil` on the runtime starts the unit no more: no start that was asked for and waits, no `Restart=`,
    ///   none for another unit's sake. Such a unit becomes `failed` in generation 0, and is to be started anew.
    /// - A guard whose `livesUntil` has passed is not replaced while the unit is up: what was killed by it stays dead, in
    ///   generation 0, until it is started anew.
    /// - A unit whose file says `Exclusive=true` or `OnDisconnect=stop` is not started without a guard, and an exclusive
    ///   one never without its epoch.
    ///
    /// Guards of units that are down do nothing, but that they say until when the next start may come. A unit that is
    /// forgotten has none. Times are [io.flota.loop.World#uptime]'s.
    ///
    /// @throws RuntimeUnavailableException also if the guards cannot be kept, such as on a full disk: those of before
    ///     stand, and no unit is to be started that counts on a new one
    void guard(Collection<Guard> guards) throws RuntimeUnavailableException;

    /// The guards that stand, those included that earlier agents have set.
    ImmutableSortedMap<UnitName, Standing> guards() throws RuntimeUnavailableException;

    /// Calls this, from any thread, whenever what [#observe] returns may have changed.
    void onChange(Runnable signal);

    /// Hands the last lines that a unit wrote to the sink, oldest first, and with `follow` all later ones, until
    /// the thread is interrupted or the unit is unloaded.
    ///
    /// @return false if the unit is not known here
    boolean journal(UnitName unit, JournalPart part, Consumer<ImmutableList<JournalLine>> sink)
            throws RuntimeUnavailableException, InterruptedException;

    /// What a unit consists of at this moment; empty if it is not known here, or this runtime cannot tell.
    default Optional<UnitDetails> details(UnitName unit) throws RuntimeUnavailableException {
        return Optional.empty();
    }

    /// Begins something inside a unit that runs: with its control groups, namespaces, folder and environment, so that it
    /// is counted, limited and ended with the unit.
    ///
    /// @throws NotEnteredException if it cannot be begun; nothing is done then
    default Session enter(UnitName unit, Errand errand) throws NotEnteredException, RuntimeUnavailableException {
        throw new NotEnteredException(
                NotEnteredException.Cause.POWER, "nothing can be run inside " + unit + " by the runtime of this machine");
    }

    /// Has a unit that is active read its configuration anew, as its file says, and waits until it has.
    ///
    /// @return why it has not; empty if it has
    Optional<String> reload(UnitName unit) throws RuntimeUnavailableException, InterruptedException;

    /// Sends a signal to a unit's main process.
    ///
    /// @return why it was not sent; empty if it was
    Optional<String> signal(UnitName unit, Signal signal) throws RuntimeUnavailableException;

    /// Lets go of the runtime. Units run on.
    @Override
    void close();
}
