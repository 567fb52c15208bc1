package io.flota.scheduler.placement;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import com.google.common.collect.ImmutableSortedMap;
import io.flota.machine.MachineId;
import io.flota.registry.Fact.FailuresFact;
import io.flota.registry.Fact.PlacementFact;
import io.flota.registry.PlacementChange.Recount;
import io.flota.scheduler.cluster.Cluster;
import io.flota.scheduler.cluster.RegisteredUnit;
import io.flota.scheduler.cluster.RegisteredUnit.Readable;
import io.flota.unit.DesiredState;
import io.flota.unit.Failures;
import io.flota.unit.UnitName;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;

/// What units' failures mean for their placements, at the moment of the cluster.
///
/// A unit that has failed for good on a machine (its own `Restart=` has given up, or it stays unhealthy) rests: for a second after its first
/// failure, twice as long after each further one. The machine is avoided for longer, so that the unit is tried
/// elsewhere first, if it fits elsewhere. A global unit rests on each machine for itself.
final class Setbacks {
    private static final Duration FIRST_REST = Duration.ofSeconds(1);
    private static final Duration FIRST_AVOIDANCE = Duration.ofSeconds(10);
    private static final Duration LONGEST = Duration.ofMinutes(5);
    /// More than lead from a second to the longest time.
    private static final int MOST_DOUBLINGS = 20;
    /// A machine where the unit has not failed for so long is as good as any other.
    private static final Duration MEMORY = Duration.ofHours(1);

    /// `Restart=` of units whose failure is not their operator's affair alone. With `on-success` none is restarted.
    private static final ImmutableSet<String> PERSISTENT =
            ImmutableSet.of("always", "on-failure", "on-abnormal", "on-abort", "on-watchdog");

    private static final DateTimeFormatter CLOCK =
            DateTimeFormatter.ofPattern("HH:mm:ss 'UTC'").withZone(ZoneOffset.UTC);

    /// The failures of one unit that count now.
    ///
    /// @param count on all machines together
    /// @param last of them all
    private record Counted(ImmutableSortedMap<MachineId, Failures> machines, int count, Optional<Instant> last) {
        static final Counted NONE = of(ImmutableSortedMap.of());

        static Counted of(SortedMap<MachineId, Failures> machines) {
            return new Counted(
                    ImmutableSortedMap.copyOfSorted(machines),
                    machines.values().stream().mapToInt(Failures::count).sum(),
                    machines.values().stream().map(Failures::last).max(Instant::compareTo));
        }

        Counted with(MachineId machine, Failures failed) {
            var all = new TreeMap<>(machines);
            all.put(machine, failed);
            return of(all);
        }
    }

    private final Cluster cluster;
    private final ImmutableMap<UnitName, Counted> counted;

    Setbacks(Cluster cluster) {
        this.cluster = cluster;
        var each = ImmutableMap.<UnitName, Counted>builder();
        cluster.failures().forEach((unit, byMachine) -> Optional.ofNullable(cluster.units().get(unit))
                .ifPresent(registered -> each.put(unit, count(registered, byMachine))));
        counted = each.build();
    }

    private Counted count(RegisteredUnit unit, ImmutableSortedMap<MachineId, FailuresFact> byMachine) {
        var counting = new TreeMap<MachineId, Failures>();
        byMachine.forEach((machine, fact) -> {
            var failures = fact.failures();
            if (failures.areOf(unit.unit()) && now().isBefore(failures.last().plus(MEMORY))) {
                counting.put(machine, failures);
            }
        });
        return Counted.of(counting);
    }

    /// Whether the unit has failed for good, as it is wanted now, under this very placement.
    boolean hasFailed(RegisteredUnit registered, PlacementFact placed) {
        var unit = registered.unit();
        var placement = placed.placement();
        boolean current = unit.desired() == DesiredState.LAUNCHED
                && placement.target() == DesiredState.LAUNCHED
                && placement.generation() == unit.generation()
                && placement.fileHash().equals(unit.fileHash());
        return current
                && isPersistent(registered)
                && Optional.ofNullable(cluster.statesOf(unit.name()).get(placement.machine()))
                        .filter(state -> state.active().equals("failed") || state.health().isAiling())
                        .filter(state -> state.placementId().equals(placement.id()))
                        .filter(state -> state.generation() == placement.generation())
                        .isPresent();
    }

    private static boolean isPersistent(RegisteredUnit unit) {
        return unit.contents() instanceof Readable(var file, _)
                && file.last("Service", "Restart").filter(PERSISTENT::contains).isPresent();
    }

    /// Whether a released placement is one where the unit rests, and not one that it has to leave.
    boolean isResting(PlacementFact placed) {
        var placement = placed.placement();
        return Draft.isReleasing(placed)
                && Optional.ofNullable(cluster.failuresOf(placement.unit()).get(placement.machine()))
                        .filter(fact -> fact.failures().placementId().equals(placement.id()))
                        .isPresent();
    }

    Decision.GiveUp giveUp(RegisteredUnit unit, PlacementFact placed) {
        var machine = placed.placement().machine();
        // Those of another generation or file, or of long ago, are forgotten as a whole.
        var counting = Optional.ofNullable(of(unit).machines().get(machine));
        var after = counting.map(failed -> failed.again(now())).orElseGet(() -> Failures.first(unit.unit(), now()));
        var rest = Duration.between(now(), end(unit, of(unit).with(machine, after), machine));
        return new Decision.GiveUp(
                unit,
                placed,
                Optional.ofNullable(cluster.failuresOf(unit.name()).get(machine)),
                after,
                "failed on " + machine.shortened() + " " + times(after.count()) + "; not tried again there for "
                        + rest.toSeconds() + " s");
    }

    /// How often the unit has failed on a machine of late.
    int count(RegisteredUnit unit, MachineId machine) {
        var failed = of(unit).machines().get(machine);
        return failed == null ? 0 : failed.count();
    }

    boolean isAny(RegisteredUnit unit) {
        return !of(unit).machines().isEmpty();
    }

    /// When the unit may be started on a machine again; empty: now.
    Optional<Instant> until(RegisteredUnit unit, MachineId machine) {
        return Optional.of(end(unit, of(unit), machine)).filter(now()::isBefore);
    }

    /// Why the unit is not started on a machine for now.
    String words(RegisteredUnit unit, MachineId machine) {
        var failures = of(unit);
        var until = CLOCK.format(end(unit, failures, machine).plusMillis(999).truncatedTo(ChronoUnit.SECONDS));
        int here = count(unit, machine);
        return here > 0
                ? "failed here " + times(here) + ", avoided until " + until
                : "failed " + times(failures.count()) + " elsewhere, rests until " + until;
    }

    /// What has been forgotten by now. As long as a unit rests on a machine, that is remembered.
    ImmutableList<Recount> forgotten() {
        var forgotten = ImmutableList.<Recount>builder();
        cluster.failures().forEach((unit, byMachine) -> {
            var counting = counted.getOrDefault(unit, Counted.NONE).machines();
            var placements = cluster.placementsOf(unit);
            byMachine.forEach((machine, fact) -> {
                boolean rests = placements.containsKey(machine) && isResting(placements.get(machine));
                if (!counting.containsKey(machine) && !rests) {
                    forgotten.add(new Recount(machine, unit, Optional.of(fact), Optional.empty()));
                }
            });
        });
        return forgotten.build();
    }

    /// When time alone changes something next.
    Optional<Instant> next() {
        return counted.keySet().stream()
                .flatMap(unit -> changes(cluster.units().get(unit)))
                .filter(now()::isBefore)
                .min(Instant::compareTo);
    }

    /// Machines where the unit has not failed have all the same end.
    private Stream<Instant> changes(RegisteredUnit unit) {
        var failures = of(unit);
        var ends = failures.machines().keySet().stream()
                .filter(cluster.machines()::containsKey)
                .map(machine -> end(unit, failures, machine));
        var forgotten = failures.machines().values().stream().map(failed -> failed.last().plus(MEMORY));
        return Stream.of(ends, rest(unit, failures).stream(), forgotten).flatMap(each -> each);
    }

    private Counted of(RegisteredUnit unit) {
        return counted.getOrDefault(unit.name(), Counted.NONE);
    }

    /// When a unit may be started on a machine again; a moment that has passed if it may be now.
    private Instant end(RegisteredUnit unit, Counted failures, MachineId machine) {
        var here = failures.machines().get(machine);
        var avoided = here == null ? Instant.MIN : end(here.last(), FIRST_AVOIDANCE, here.count());
        var rests = rest(unit, failures).orElse(Instant.MIN);
        return rests.isAfter(avoided) ? rests : avoided;
    }

    /// Until when a unit rests everywhere; empty if it has not failed, and for a global one.
    private Optional<Instant> rest(RegisteredUnit unit, Counted failures) {
        return failures.last()
                .filter(_ -> !unit.isGlobal())
                .map(last -> end(last, FIRST_REST, failures.count()));
    }

    /// A failure that lies in the future by more than it counts for was told by another clock, or the clock was set:
    /// nobody knows how long ago it was, and it holds up nothing.
    private Instant end(Instant last, Duration first, int count) {
        var grown = first.multipliedBy(1L << Math.min(count - 1, MOST_DOUBLINGS));
        var time = grown.compareTo(LONGEST) < 0 ? grown : LONGEST;
        return last.isAfter(now().plus(time)) ? Instant.MIN : last.plus(time);
    }

    private Instant now() {
        return cluster.moment();
    }

    static String times(int count) {
        return count == 1 ? "once" : count + " times";
    }
}
