package io.flota.agent.announce;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSortedMap;
import com.google.common.collect.ImmutableSortedSet;
import com.google.protobuf.ByteString;
import io.flota.agent.steps.Placed;
import io.flota.agent.steps.Run;
import io.flota.machine.Machine;
import io.flota.unit.Announcement;
import io.flota.unit.Endpoint;
import io.flota.unit.Offer;
import io.flota.unit.Placement;
import io.flota.unit.UnitName;
import io.flota.unit.UnitState;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.TreeMap;

/// Which endpoints are to be found.
///
/// A unit that says so in its file is announced while it is placed here to run, was started by the agent, is up, healthy
/// if anybody checks that, and not about to be stopped. What a sidecar asked for is held until its time is over or its
/// unit is down; it never stands in for what a unit's own file announces.
final class Wanted {
    /// All that is decided from.
    ///
    /// @param registered the revision at which the machine was registered under its lease
    /// @param states of the units that this machine runs
    /// @param withdrawn units that are about to be stopped
    /// @param uptime now, by the ticker that holds go by
    record Scene(
            Machine machine, long registered, Placed placed, ImmutableSortedMap<UnitName, UnitState> states,
            ImmutableSortedMap<UnitName, Offer> offers, ImmutableSortedSet<UnitName> withdrawn,
            ImmutableList<Hold> holds, Instant now, Duration uptime) {}

    private Wanted() {}

    static ImmutableSortedMap<EndpointName, Endpoint> of(Scene scene, Epochs epochs) {
        var wanted = new TreeMap<EndpointName, Endpoint>();
        scene.holds().stream()
                .filter(hold -> isHeld(scene, hold))
                .forEach(hold -> wanted.put(hold.name(), endpoint(scene, hold)));
        scene.offers().forEach((unit, offer) -> {
            offer.announcements().forEach(own -> wanted.remove(new EndpointName(own.service(), unit)));
            var placement = scene.placed().placements().get(unit);
            var state = scene.states().get(unit);
            if (placement != null && state != null && isAnnounced(scene, placement, state)) {
                var epoch = epochs.of(
                        unit, Run.of(state), scene.placed().written().getOrDefault(unit, 0L), scene.registered(),
                        scene.now());
                for (var announcement : offer.announcements()) {
                    wanted.put(
                            new EndpointName(announcement.service(), unit),
                            endpoint(scene, unit, announcement, epoch));
                }
            }
        });
        epochs.keepOnly(scene.placed().placements().keySet());
        return ImmutableSortedMap.copyOfSorted(wanted);
    }

    /// Units that somebody may be using by their endpoints, if the store knows of them, each with the time that those
    /// need to learn that it stops.
    static ImmutableSortedMap<UnitName, Duration> serving(
            ImmutableSortedMap<UnitName, UnitState> states, ImmutableSortedMap<UnitName, Offer> offers) {
        var serving = ImmutableSortedMap.<UnitName, Duration>naturalOrder();
        offers.forEach((unit, offer) -> {
            var state = states.get(unit);
            if (state != null && !offer.announcements().isEmpty() && offer.drain().isPositive() && isServing(state)) {
                serving.put(unit, offer.drain());
            }
        });
        return serving.build();
    }

    private static boolean isAnnounced(Scene scene, Placement placement, UnitState state) {
        boolean toRun = switch (placement.target()) {
            case LAUNCHED, UNKNOWN -> true; // what a newer version wants of it is not known to be a stop
            case LOADED, INACTIVE -> false;
        };
        return toRun && isServing(state) && !scene.withdrawn().contains(placement.unit());
    }

    /// A unit in generation 0 was told to stop, or runs for another one's sake.
    private static boolean isServing(UnitState state) {
        return state.isWell() && state.generation() != 0;
    }

    static boolean isHeld(Scene scene, Hold hold) {
        var unit = hold.name().unit();
        boolean down = Optional.ofNullable(scene.states().get(unit)).filter(state -> !isStarted(state)).isPresent();
        return scene.uptime().compareTo(hold.until()) < 0 && !down && !scene.withdrawn().contains(unit);
    }

    /// A sidecar may come up before its unit is known to be.
    static boolean isStarted(UnitState state) {
        return state.isUp() || state.active().equals("activating") && !state.sub().equals("auto-restart");
    }

    private static Endpoint endpoint(Scene scene, UnitName unit, Announcement announcement, Epochs.Epoch epoch) {
        return new Endpoint(
                announcement.service(), unit, scene.machine().id(), scene.machine().address(), announcement.port(),
                announcement.attributes(), epoch.number(), epoch.since(), Optional.empty(), ByteString.EMPTY);
    }

    /// By the calendar the next agent knows how long it is held; all that this one goes by is its ticker.
    private static Endpoint endpoint(Scene scene, Hold hold) {
        var until = scene.now().plus(hold.until().minus(scene.uptime())).truncatedTo(ChronoUnit.MILLIS);
        return new Endpoint(
                hold.name().service(), hold.name().unit(), scene.machine().id(), scene.machine().address(), hold.port(),
                hold.attributes(), hold.epoch(), hold.since(), Optional.of(until), ByteString.EMPTY);
    }
}
