package io.flota.scheduler.placement;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSortedMap;
import io.flota.machine.MachineId;
import io.flota.registry.Fact.PlacementFact;
import io.flota.scheduler.cluster.Cluster;
import io.flota.scheduler.cluster.RegisteredUnit;
import io.flota.scheduler.cluster.RegisteredUnit.Readable;
import io.flota.unit.DesiredState;
import io.flota.unit.PartitionRules.OnReconnect;
import io.flota.unit.PlacementRules;
import io.flota.unit.UnitName;
import io.flota.unit.UnitState;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Stream;

/// The cluster as it will be once the decisions so far are carried out. A unit on a machine is one of three things:
/// settled there (decided), presumed to stay there (placed, not yet decided on), or leaving it (not to be there, and
/// the machine has not said that it is down for good: released or forgotten). Who is settled or presumed counts as
/// load; nobody starts beside a leaving unit that it conflicts with.
final class Draft {
    private final Standbys standbys;
    private final Cluster cluster;
    // Hashed, since every unit is looked up several times.
    private final Map<UnitName, RegisteredUnit> units;
    private final Map<UnitName, ImmutableSortedMap<MachineId, PlacementFact>> placements;
    private final Map<UnitName, ImmutableSortedMap<MachineId, UnitState>> states;
    private final LiveMachines machines;
    private final Policies policies;
    private final Setbacks setbacks;
    private final Dependence dependence;
    private final Occupants settled;
    private final Occupants presumed;
    private final Occupants leaving;
    private final Loads loads;
    private final Reservations reservations = new Reservations(this);
    private final Room room = new Room(this);
    private final Exclusion exclusion = new Exclusion(this);
    private final Map<UnitName, BitSet> settledAt = new LinkedHashMap<>();
    private final Map<UnitName, BitSet> presumedAt = new LinkedHashMap<>();
    private final Map<UnitName, BitSet> claimedAt = new LinkedHashMap<>();
    private final Map<UnitName, BitSet> restingAt = new LinkedHashMap<>();
    private final List<Decision> decisions = new ArrayList<>();

    Draft(Cluster registered) {
        standbys = new Standbys(registered);
        cluster = standbys.cluster();
        units = new LinkedHashMap<>(cluster.units());
        placements = new LinkedHashMap<>(cluster.placements());
        states = new LinkedHashMap<>(cluster.states());
        machines = new LiveMachines(cluster);
        policies = new Policies(cluster, machines);
        setbacks = new Setbacks(registered); // of a standby that is only loaded now, failures are remembered, too
        loads = new Loads(machines.count());
        var rules = new ConflictRules(cluster, units.keySet());
        settled = new Occupants(rules, machines.count());
        presumed = new Occupants(rules, machines.count());
        leaving = new Occupants(rules, machines.count());
        dependence = new Dependence(cluster.units().values().stream()
                .filter(unit -> isPlaceable(unit) && !unit.isGlobal())
                .toList());
        cluster.placements().values().forEach(byMachine -> byMachine.values().forEach(this::open));
        cluster.states().forEach((unit, byMachine) -> byMachine.keySet().forEach(machine -> {
            if (!placementsOf(unit).containsKey(machine)) {
                var reservation = reservations.of(unit, byMachine.get(machine).fileHash());
                machines.number(machine).ifPresent(number -> leaving.add(unit, number, reservation));
            }
        }));
    }

    private void open(PlacementFact placed) {
        var name = placed.placement().unit();
        var number = machines.number(placed.placement().machine());
        if (number.isEmpty()) {
            return;
        }
        boolean wanted = unit(name)
                .filter(known -> known.isWanted() && !name.isTemplate())
                .isPresent();
        if (wanted && (!isReleasing(placed) || setbacks.isResting(placed))) {
            presumed.add(name, number.getAsInt(), reservations.presumed(placed));
            presumedAt.computeIfAbsent(name, _ -> new BitSet()).set(number.getAsInt());
            loads.add(number.getAsInt(), 1);
        } else if (!isReleased(placed)) {
            leaving.add(name, number.getAsInt(), reservations.placed(placed));
        }
    }

    /// Whether it is a matter of rules and room alone where a unit is.
    static boolean isPlaceable(RegisteredUnit unit) {
        return unit.isWanted() && !unit.name().isTemplate() && unit.contents() instanceof Readable;
    }

    static PlacementRules rules(RegisteredUnit unit) {
        if (unit.contents() instanceof Readable readable) {
            return readable.rules();
        }
        throw new IllegalStateException("no rules can be read for " + unit);
    }

    static boolean isReleasing(PlacementFact placed) {
        return placed.placement().target() == DesiredState.INACTIVE;
    }

    /// Whether the machine has said that the unit is down, in answer to the very release.
    boolean isReleased(PlacementFact placed) {
        return isReleasing(placed)
                && state(placed)
                        .filter(UnitState::isDown)
                        .filter(state -> state.placementId().equals(placed.placement().id()))
                        .isPresent();
    }

    private Optional<UnitState> state(PlacementFact placed) {
        return Optional.ofNullable(
                statesOf(placed.placement().unit()).get(placed.placement().machine()));
    }

    /// Ends a placement for good. Its machine must have reported the unit: that state is seen until the unit is
    /// unloaded, and nothing of it starts before. A machine that has said nothing yet may be about to start it, and is
    /// asked to release it first. So is one with an exclusive unit, whatever it said.
    void end(PlacementFact placed, String reason) {
        boolean lost = number(placed).isEmpty();
        boolean mayEnd = exclusion.guards(placed)
                ? exclusion.doubt(placed).isEmpty()
                : lost || isReleased(placed) || obeys(placed);
        if (mayEnd) {
            add(new Decision.Remove(placed, reason));
        } else if (!lost && !isReleasing(placed)) {
            add(new Decision.Release(placed, reason));
        } else {
            leave(placed);
        }
    }

    /// Whether the machine knows the unit, and stops it as soon as it is not placed there any more, without asking.
    private boolean obeys(PlacementFact placed) {
        var name = placed.placement().unit();
        var known = state(placed);
        if (known.isEmpty() || known.get().asksToStay()) {
            return false;
        }
        return unit(name)
                .map(registered -> ImmutableList.of(registered.contents()))
                .orElseGet(() -> cluster.contentsOfDestroyed(name))
                .stream()
                .noneMatch(contents -> contents instanceof Readable readable
                        && readable.rules().partition().onReconnect() == OnReconnect.OLDEST);
    }

    /// A machine where a unit is still known though it is not placed there (any more).
    Optional<MachineId> strayOf(UnitName unit) {
        return straysOf(unit).findFirst();
    }

    Stream<MachineId> straysOf(UnitName unit) {
        return statesOf(unit).keySet().stream()
                .filter(machine -> !placementsOf(unit).containsKey(machine))
                .filter(machine -> machines.number(machine).isPresent());
    }

    /// From now on nothing is presumed of a unit: it is being decided on.
    void lift(UnitName unit) {
        var at = presumedAt.remove(unit);
        if (at != null) {
            at.stream().filter(machine -> presumed.remove(unit, machine)).forEach(machine -> loads.add(machine, -1));
        }
    }

    /// The unit is to be on a machine, and nothing stands against it.
    void settle(UnitName unit, int machine) {
        leaving.remove(unit, machine);
        settled.add(unit, machine, reservations.staying(unit, machines.id(machine)));
        settledAt.computeIfAbsent(unit, _ -> new BitSet()).set(machine);
        loads.add(machine, 1);
    }

    /// The unit keeps its place on a machine, and is not to run for now.
    void rest(UnitName unit, int machine) {
        settle(unit, machine);
        restingAt.computeIfAbsent(unit, _ -> new BitSet()).set(machine);
    }

    /// The unit is to be on a machine once others have left it.
    void claim(UnitName unit, int machine) {
        settled.add(unit, machine, reservations.staying(unit, machines.id(machine)));
        claimedAt.computeIfAbsent(unit, _ -> new BitSet()).set(machine);
        loads.add(machine, 1);
    }

    void add(Decision decision) {
        decisions.add(decision);
        switch (decision) {
            // Also one that is down already: a machine that reports what is not placed there may be about to stop it.
            case Decision.Release(var placed, _) -> leave(placed);
            case Decision.Remove(var placed, _) -> leave(placed);
            case Decision.Place _, Decision.Move _, Decision.Update _, Decision.GiveUp _, Decision.Dismiss _,
                    Decision.Wait _ -> {}
        }
    }

    /// The unit is not to be there, and may not be down for good yet.
    void leave(PlacementFact placed) {
        number(placed).ifPresent(machine ->
                leaving.add(placed.placement().unit(), machine, reservations.placed(placed)));
    }

    /// Where a unit is by this draft. Who only claims a machine is not there.
    BitSet placesOf(UnitName unit) {
        var places = new BitSet();
        places.or(settledAt.getOrDefault(unit, new BitSet()));
        places.or(presumedAt.getOrDefault(unit, new BitSet()));
        return places;
    }

    /// The one of these machines that carries least.
    int leastLoaded(BitSet candidates) {
        return loads.least(candidates);
    }

    boolean isGlobal(UnitName unit) {
        return unit(unit).filter(RegisteredUnit::isGlobal).isPresent();
    }

    /// Whether the machine reports that a placed unit is not down.
    boolean isUp(PlacementFact placed) {
        return state(placed).filter(state -> !state.isDown()).isPresent();
    }

    boolean isPresumed(UnitName unit) {
        return presumedAt.containsKey(unit);
    }

    boolean isClaimed(UnitName unit, int machine) {
        return claimedAt.getOrDefault(unit, new BitSet()).get(machine);
    }

    boolean isResting(UnitName unit, int machine) {
        return restingAt.getOrDefault(unit, new BitSet()).get(machine);
    }

    OptionalInt number(PlacementFact placed) {
        return machines.number(placed.placement().machine());
    }

    Optional<RegisteredUnit> unit(UnitName name) {
        return Optional.ofNullable(units.get(name));
    }

    ImmutableSortedMap<MachineId, PlacementFact> placementsOf(UnitName unit) {
        return placements.getOrDefault(unit, ImmutableSortedMap.of());
    }

    ImmutableSortedMap<MachineId, UnitState> statesOf(UnitName unit) {
        return states.getOrDefault(unit, ImmutableSortedMap.of());
    }

    Cluster cluster() {
        return cluster;
    }

    Exclusion exclusion() {
        return exclusion;
    }

    LiveMachines machines() {
        return machines;
    }

    Policies policies() {
        return policies;
    }

    Setbacks setbacks() {
        return setbacks;
    }

    Standbys standbys() {
        return standbys;
    }

    Reservations reservations() {
        return reservations;
    }

    Room room() {
        return room;
    }

    Dependence dependence() {
        return dependence;
    }

    Occupants settled() {
        return settled;
    }

    Occupants presumed() {
        return presumed;
    }

    Occupants leaving() {
        return leaving;
    }

    List<Decision> decisions() {
        return decisions;
    }
}
