package io.flota.agent.announce;

import com.google.common.collect.ImmutableSortedMap;
import com.google.common.collect.ImmutableSortedSet;
import com.google.common.collect.Sets;
import io.flota.agent.steps.Run;
import io.flota.unit.Offer;
import io.flota.unit.UnitName;
import io.flota.unit.UnitState;
import java.time.Duration;
import java.util.Comparator;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;

/// Units whose endpoints are withdrawn because they are to be stopped: the stop comes once those who use them have had
/// the time to learn of it. Times are of one ticker.
///
/// The units' loop begins drains and asks whether they are over; the announcer's tells what the store has forgotten. If
/// the store does not answer, that is waited for only so long.
public final class Drains {
    /// More than one call to the store takes.
    static final Duration PATIENCE = Duration.ofSeconds(5);

    /// @param drain from the moment in which the endpoints are gone
    /// @param told whether the unit was told to stop
    private record Drain(Run run, Duration begun, Duration drain, Optional<Duration> gone, boolean told) {
        Duration end() {
            return gone.orElse(begun.plus(PATIENCE)).plus(drain);
        }

        Drain toldToStop() {
            return new Drain(run, begun, drain, gone, true);
        }

        Drain gone(Duration now) {
            return new Drain(run, begun, drain, Optional.of(now), told);
        }
    }

    private final TreeMap<UnitName, Drain> drains = new TreeMap<>();

    /// Units that must not be stopped yet.
    synchronized ImmutableSortedSet<UnitName> undrained(
            ImmutableSortedMap<UnitName, UnitState> states,
            ImmutableSortedMap<UnitName, Offer> offers,
            Duration now) {
        return Wanted.serving(states, offers).keySet().stream()
                .filter(unit -> !drains.containsKey(unit) || now.compareTo(drains.get(unit).end()) < 0)
                .collect(ImmutableSortedSet.toImmutableSortedSet(UnitName::compareTo));
    }

    /// Takes over what was decided about all units. A drain whose stop was called off is none any more.
    ///
    /// @param begun units that are to be drained
    /// @param told units that are told to stop, or to start anew
    /// @return whether endpoints are to be withdrawn, or to come back
    synchronized boolean decided(
            Set<UnitName> begun, Set<UnitName> told, ImmutableSortedMap<UnitName, UnitState> states,
            ImmutableSortedMap<UnitName, Offer> offers, Duration now) {
        boolean changed = false;
        for (var unit : Sets.difference(begun, drains.keySet()).immutableCopy()) {
            var drain = offers.getOrDefault(unit, Offer.NONE).drain();
            drains.put(unit, new Drain(Run.of(states.get(unit)), now, drain, Optional.empty(), false));
            changed = true;
        }
        told.forEach(unit -> drains.computeIfPresent(unit, (_, drain) -> drain.toldToStop()));
        changed |= drains.entrySet().removeIf(known -> {
            var unit = known.getKey();
            boolean meant = begun.contains(unit) || told.contains(unit);
            return !meant && !(known.getValue().told() && isRunning(states.get(unit), known.getValue().run()));
        });
        return changed;
    }

    /// Whether what was told to stop is not yet over.
    private static boolean isRunning(UnitState state, Run run) {
        return state != null && !state.isDown() && Run.of(state).isSameProcess(run);
    }

    /// Until the next drain is over whose unit has yet to be told to stop; empty if there is none.
    synchronized Optional<Duration> next(Duration now) {
        return ends().min(Comparator.naturalOrder()).map(end -> until(end, now));
    }

    /// Until all of them are over; empty if there is none.
    synchronized Optional<Duration> last(Duration now) {
        return ends().max(Comparator.naturalOrder()).map(end -> until(end, now));
    }

    private Stream<Duration> ends() {
        return drains.values().stream().filter(drain -> !drain.told()).map(Drain::end);
    }

    private static Duration until(Duration end, Duration now) {
        return now.compareTo(end) < 0 ? end.minus(now) : Duration.ZERO;
    }

    synchronized ImmutableSortedSet<UnitName> withdrawn() {
        return ImmutableSortedSet.copyOf(drains.keySet());
    }

    /// The store has no endpoint any more of these, if they were [#withdrawn].
    ///
    /// @return whether that was waited for
    synchronized boolean gone(Set<UnitName> units, Duration now) {
        boolean awaited = false;
        for (var unit : units) {
            var drain = drains.get(unit);
            if (drain != null && drain.gone().isEmpty()) {
                drains.put(unit, drain.gone(now));
                awaited = true;
            }
        }
        return awaited;
    }
}
