package io.flota.agent.steps;

import com.google.common.collect.ImmutableSet;
import com.google.common.collect.ImmutableSortedMap;
import com.google.common.collect.ImmutableSortedSet;
import io.flota.unit.DesiredState;
import io.flota.unit.Placement;
import io.flota.unit.UnitName;
import io.flota.unit.UnitProperties;
import io.flota.unit.UnitState;

/// All that the agent decides from.
///
/// @param placements what the leader has placed here, complete
/// @param observed what the runtime has, complete, and seen after every stop in `stopped` was accepted
/// @param properties what the runtime has set over the files of units; none of those that are not named
/// @param stopped ids of the placements whose unit this agent has told the runtime to stop. A unit may look down
///     while the runtime still means to start it, so that only such a stop makes its being down final.
/// @param unreadable units whose placed file cannot be had at present, each with what is known of that
/// @param withheld units that must not be started now, each with the reason
/// @param undrained units that others may be using: they are to be drained before they are stopped
/// @param restarts units that are to start anew for their rendered files, each with the number of that wish
/// @param strays what units that are up and not placed here are to do until the leader has spoken; to stop if they are
///     not named
public record Situation(
        ImmutableSortedMap<UnitName, Placement> placements,
        ImmutableSortedMap<UnitName, UnitState> observed,
        ImmutableSortedMap<UnitName, UnitProperties> properties,
        ImmutableSet<String> stopped,
        ImmutableSortedMap<UnitName, Unreadable> unreadable,
        ImmutableSortedMap<UnitName, String> withheld,
        ImmutableSortedSet<UnitName> undrained,
        ImmutableSortedMap<UnitName, Long> restarts,
        ImmutableSortedMap<UnitName, Stray> strays) {

    /// @param load systemd's word for it: `not-found`, `bad-setting` or `error`
    /// @param message one line for an operator
    public record Unreadable(String load, String message) {}

    /// What becomes of a unit that is up and not placed here.
    public enum Stray {
        /// Its file says `OnReconnect=oldest`: it runs on, and asks the leader whether it may.
        ASKS,
        /// What its file says cannot be read at present: it runs on meanwhile.
        UNDECIDED
    }

    /// Placements whose unit file has to be at hand: it is to be loaded, or says on what terms the unit may start.
    public ImmutableSortedMap<UnitName, Placement> toRead() {
        var toRead = ImmutableSortedMap.<UnitName, Placement>naturalOrder();
        placements.forEach((unit, placement) -> {
            boolean needed = switch (placement.target()) {
                case INACTIVE, UNKNOWN -> false;
                case LOADED -> !hasFile(placement);
                case LAUNCHED -> !hasFile(placement) || !runs(placement);
            };
            if (needed) {
                toRead.put(unit, placement);
            }
        });
        return toRead.build();
    }

    /// Units that are up and not placed here, whose file says what becomes of them.
    public ImmutableSortedMap<UnitName, UnitState> unplaced() {
        var unplaced = ImmutableSortedMap.<UnitName, UnitState>naturalOrder();
        observed.forEach((unit, state) -> {
            boolean up = state.generation() != 0 && !state.isDown() && !state.active().equals("deactivating");
            if (up && !placements.containsKey(unit)) {
                unplaced.put(unit, state);
            }
        });
        return unplaced.build();
    }

    /// Those of them that are to be started, if their file can be had.
    public ImmutableSortedMap<UnitName, Placement> toAdmit() {
        var toAdmit = ImmutableSortedMap.<UnitName, Placement>naturalOrder();
        toRead().forEach((unit, placement) -> {
            if (placement.target() == DesiredState.LAUNCHED && !unreadable.containsKey(unit)) {
                toAdmit.put(unit, placement);
            }
        });
        return toAdmit.build();
    }

    public Situation withUnreadable(ImmutableSortedMap<UnitName, Unreadable> nowUnreadable) {
        return new Situation(
                placements, observed, properties, stopped, nowUnreadable, withheld, undrained, restarts, strays);
    }

    public Situation withWithheld(ImmutableSortedMap<UnitName, String> nowWithheld) {
        return new Situation(
                placements, observed, properties, stopped, unreadable, nowWithheld, undrained, restarts, strays);
    }

    public Situation withStrays(ImmutableSortedMap<UnitName, Stray> nowStrays) {
        return new Situation(
                placements, observed, properties, stopped, unreadable, withheld, undrained, restarts, nowStrays);
    }

    /// Whether this very generation was started, whatever became of it.
    private boolean runs(Placement placement) {
        var state = observed.get(placement.unit());
        return state != null && state.generation() == placement.generation();
    }

    boolean mayStart(UnitName unit) {
        return !withheld.containsKey(unit) && !unreadable.containsKey(unit);
    }

    boolean hasFile(Placement placement) {
        var state = observed.get(placement.unit());
        return state != null && state.fileHash().equals(placement.fileHash());
    }

    /// Whether the runtime has set over the unit's file what is to be set.
    boolean hasProperties(Placement placement) {
        return properties.getOrDefault(placement.unit(), UnitProperties.NONE).equals(placement.properties());
    }

    /// Whether the unit runs with files that are not its newest, and cannot take those otherwise.
    boolean startsAnew(UnitName unit) {
        return restarts.containsKey(unit) && !observed.get(unit).isDown();
    }

    /// Whether the unit is placed here only to be stopped.
    public boolean leaves(UnitName unit) {
        var placement = placements.get(unit);
        return placement != null && placement.target() == DesiredState.INACTIVE;
    }

    /// Whether the unit of a placement with the target `inactive` is down here for good.
    boolean isReleased(Placement placement) {
        var state = observed.get(placement.unit());
        return state == null || stopped.contains(placement.id()) && isDownForGood(state);
    }

    static boolean isDownForGood(UnitState state) {
        return state.isDown() && state.generation() == 0;
    }

    /// A unit that was told to stop says generation 0 from then on, and `deactivating` until it is down.
    static boolean isStopping(UnitState state) {
        return state.generation() == 0 && state.active().equals("deactivating");
    }
}
