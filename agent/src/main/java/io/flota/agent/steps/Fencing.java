package io.flota.agent.steps;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSortedMap;
import io.flota.agent.steps.Step.Stop;
import io.flota.unit.UnitName;
import io.flota.unit.UnitState;
import java.time.Duration;
import java.util.Optional;

/// What is to be done at one moment about units that may live only as long as the machine's lease. Times are since the
/// machine's boot.
///
/// @param guards those to be set anew: longer ones as the lease was renewed, or shorter ones
/// @param stops units whose time is over
/// @param next when there may be something to stop next
public record Fencing(ImmutableList<Guard> guards, ImmutableList<Stop> stops, Optional<Duration> next) {

    /// A guard is lengthened only while the unit is placed here, as read after the machine was registered; and not once
    /// it has struck, since the unit's next life is another one, with another epoch.
    ///
    /// @param placed what is placed here, as far as is known
    public static Fencing at(
            Duration now, Optional<Tenure> tenure, Optional<Placed> placed,
            ImmutableSortedMap<UnitName, Guard> guards, ImmutableSortedMap<UnitName, UnitState> observed) {
        var longer = ImmutableList.<Guard>builder();
        var stops = ImmutableList.<Stop>builder();
        Optional<Duration> next = Optional.empty();
        for (var guard : guards.values()) {
            var state = observed.get(guard.unit());
            if (state == null || state.isDown()) {
                continue;
            }
            var known = placed.filter(all -> all.placements().containsKey(guard.unit()));
            var renewed = tenure.filter(held -> known.filter(all -> all.revision() >= held.registered()).isPresent())
                    .map(held -> held.anew(guard))
                    .filter(fresh -> !fresh.equals(guard))
                    .filter(fresh -> isBefore(now, fresh.startsUntil()) && isBefore(now, guard.livesUntil()));
            renewed.ifPresent(longer::add);
            var stands = renewed.orElse(guard);
            if (isBefore(now, stands.startsUntil())) {
                next = Optional.of(next.filter(at -> isBefore(at, stands.startsUntil())).orElse(stands.startsUntil()));
            } else if (!Situation.isStopping(state)) {
                stops.add(new Stop(guard.unit(), because(guard)));
            }
        }
        return new Fencing(longer.build(), stops.build(), next);
    }

    /// What has to be set before the machine is registered under a lease: no guard may be longer than that lease is
    /// certain to live. It can be if an agent is started with a shorter lease than the last one had.
    public static ImmutableList<Guard> shortened(Tenure lease, ImmutableSortedMap<UnitName, Guard> guards) {
        return guards.values().stream()
                .map(guard -> isBefore(lease.anew(guard).livesUntil(), guard.livesUntil()) ? lease.anew(guard) : guard)
                .filter(guard -> !guard.equals(guards.get(guard.unit())))
                .collect(ImmutableList.toImmutableList());
    }

    private static String because(Guard guard) {
        return guard.exclusive()
                ? "this machine's lease in etcd was not renewed, and the unit is exclusive"
                : "this machine's lease in etcd was not renewed, and the unit has OnDisconnect=stop";
    }

    private static boolean isBefore(Duration one, Duration other) {
        return one.compareTo(other) < 0;
    }
}
