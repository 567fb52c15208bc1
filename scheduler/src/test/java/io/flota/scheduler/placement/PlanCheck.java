package io.flota.scheduler.placement;

import io.flota.machine.MachineId;
import io.flota.registry.Fact.PlacementFact;
import io.flota.scheduler.cluster.Cluster;
import io.flota.scheduler.cluster.RegisteredUnit;
import io.flota.scheduler.placement.Decision.Dismiss;
import io.flota.scheduler.placement.Decision.GiveUp;
import io.flota.scheduler.placement.Decision.Move;
import io.flota.scheduler.placement.Decision.Place;
import io.flota.scheduler.placement.Decision.Release;
import io.flota.scheduler.placement.Decision.Remove;
import io.flota.scheduler.placement.Decision.Update;
import io.flota.scheduler.placement.Decision.Wait;
import io.flota.scheduler.placement.Standing.Spot;
import io.flota.unit.DesiredState;
import io.flota.unit.PartitionRules.OnReconnect;
import io.flota.unit.UnitName;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;

/// Reads a plan against its cluster and tells every promise that it breaks. Shares nothing with the planner: no
/// index, no order, just the rules, one pair of units after the other.
public final class PlanCheck {
    private final Cluster cluster;
    private final Standing standing;
    private final Rulebook rules;
    private final SetbackCheck setbacks;
    private final List<String> breaches = new ArrayList<>();

    private PlanCheck(Cluster cluster) {
        this.cluster = cluster;
        this.standing = new Standing(cluster);
        this.rules = new Rulebook(cluster, standing);
        this.setbacks = new SetbackCheck(cluster, breaches);
    }

    /// One line a breach; empty for a good plan.
    public static List<String> breaches(Cluster cluster, Plan plan) {
        var check = new PlanCheck(cluster);
        var touched = new TreeSet<Spot>();
        for (var decision : plan.decisions()) {
            check.apply(decision, touched);
        }
        check.leaveWhoCannotRest(plan);
        plan.decisions().forEach(check::check);
        check.everythingHolds();
        new StandbyCheck(cluster, check.breaches).check(plan);
        return check.breaches;
    }

    /// Wanted units that would fit somewhere and have no place, in a cluster where nothing is about to happen.
    public static List<String> forgotten(Cluster cluster) {
        var check = new PlanCheck(cluster);
        for (var unit : cluster.units().values()) {
            boolean hasPlace = !unit.isGlobal() && check.standing.isOnLiveMachine(unit.name());
            if (Rulebook.isPlaceable(unit) && !hasPlace && !check.setbacks.mayStillRest(unit.name())) {
                for (var machine : cluster.machines().values()) {
                    var spot = new Spot(machine.id(), unit.name());
                    boolean waits =
                            cluster.placementsOf(unit.name()).values().stream().anyMatch(check.standing::mayBeUp);
                    boolean runs = check.standing.running.contains(spot);
                    if (!runs && !waits && check.rules.whyNot(unit, machine).isEmpty()
                            && check.rules.whyNoRoomYet(unit, machine).isEmpty()) {
                        check.breaches.add(unit.name() + " would fit on " + machine.id().shortened());
                    }
                }
            }
        }
        return check.breaches;
    }

    /// Why a unit that is newly started on a machine may not be there, beside all else that is placed there, or comes
    /// too early because somebody has not left it yet.
    ///
    /// @param begun what the plan was made from
    /// @param planned what it has made of that up to now, this start included
    public static Optional<String> whyNotStarted(Cluster begun, Cluster planned, UnitName unit, MachineId machine) {
        var registered = begun.units().get(unit);
        var live = begun.machines().get(machine);
        if (registered == null || live == null) {
            return Optional.of(registered == null ? "it is not registered" : "the machine is not there");
        }
        var check = new PlanCheck(begun);
        check.standing.take(new Standing(planned));
        check.besideNobodyWhoLeaves(unit, machine);
        var rule = Rulebook.isPlaceable(registered) ? check.rules.whyNot(registered, live) : Optional.<String>empty();
        return rule.or(() -> check.breaches.stream().findFirst());
    }

    /// What runs though it is not wanted, or breaks a rule where it is.
    public static List<String> misplaced(Cluster cluster) {
        var check = new PlanCheck(cluster);
        check.everythingHolds();
        return check.breaches;
    }

    private void apply(Decision decision, TreeSet<Spot> touched) {
        switch (decision) {
            case Place(var unit, var machine, _) -> standing.runs(touched(new Spot(machine, unit.name()), touched));
            case Move(var unit, var from, var to, _) -> {
                standing.forget(touched(Standing.spot(from), touched));
                standing.runs(touched(new Spot(to, unit.name()), touched));
            }
            case Update(_, var placed, _) -> standing.runs(touched(Standing.spot(placed), touched));
            case Release(var placed, _) -> standing.leaves(touched(Standing.spot(placed), touched));
            case GiveUp(_, var placed, _, _, _) -> standing.runs(touched(Standing.spot(placed), touched));
            case Remove(var placed, _) -> standing.forget(touched(Standing.spot(placed), touched));
            case Dismiss(var unit, var machine, _, _) -> standing.leaves(touched(new Spot(machine, unit), touched));
            case Wait _ -> {}
        }
    }

    private Spot touched(Spot spot, TreeSet<Spot> touched) {
        breachIf(!touched.add(spot), "two decisions about " + spot);
        return spot;
    }

    private void check(Decision decision) {
        switch (decision) {
            case Place(var unit, var machine, _) -> {
                boolean placed = standing.before.containsKey(new Spot(machine, unit.name()));
                breachIf(placed, "places what is placed: " + decision);
                started(unit, machine, Optional.empty());
            }
            case Move(var unit, var from, var to, _) -> {
                breachIf(standing.isLive(from) && !standing.isReleased(from), "moves what is not down: " + decision);
                breachIf(!standing.isLive(from) && cluster.holdsLosses(), "moves what is held: " + decision);
                breachIf(standing.mayBeUp(from), "moves what is exclusive and may be up: " + decision);
                started(unit, to, Optional.of(from.placement().machine()));
            }
            case Update(var unit, var placed, _) -> updated(unit, placed, decision);
            case GiveUp giveUp -> setbacks.givenUp(giveUp);
            case Release(var placed, _) ->
                breachIf(!standing.isLive(placed), "releases on a lost machine: " + decision);
            case Remove(var placed, _) -> {
                var unit = cluster.units().get(placed.placement().unit());
                boolean ends = unit == null || !Rulebook.isPlaceable(unit) || unit.isGlobal()
                        || standing.isReleased(placed)
                        || standing.running.stream().anyMatch(spot -> spot.unit().equals(unit.name()))
                        || (!standing.isLive(placed) || placed.placement().target() == DesiredState.INACTIVE)
                                && cluster.placementsOf(unit.name()).size() > 1;
                boolean known = cluster.statesOf(placed.placement().unit())
                        .containsKey(placed.placement().machine());
                breachIf(standing.isLive(placed) && !known, "removes what may yet be started: " + decision);
                breachIf(!ends, "stops what is wanted without its release: " + decision);
                breachIf(standing.mayBeUp(placed), "forgets what is exclusive and may be up: " + decision);
            }
            case Dismiss(var unit, var machine, _, _) ->
                breachIf(!standing.asks(unit, machine), "dismisses who does not ask: " + decision);
            case Wait(var name, _) ->
                breachIf(standing.running.stream().anyMatch(spot -> spot.unit().equals(name)
                        && !(standing.before.containsKey(spot) && standing.isResting(standing.before.get(spot)))
                        && cluster.machines().containsKey(spot.machine())), "waits and runs: " + decision);
        }
        if (decision instanceof Release(var placed, _)) {
            stopped(placed, decision);
        } else if (decision instanceof Remove(var placed, _)
                && placed.placement().target() != DesiredState.INACTIVE) {
            stopped(placed, decision);
        }
    }

    private void updated(RegisteredUnit unit, PlacementFact placed, Decision decision) {
        var old = placed.placement();
        var wanted = unit.unit();
        breachIf(
                old.fileHash().equals(wanted.fileHash())
                        && old.target() == wanted.desired()
                        && old.generation() == wanted.generation()
                        && old.properties().equals(wanted.properties()),
                "an update of nothing: " + decision);
        if (standing.isResting(placed)) {
            setbacks.started(unit, old.machine());
            breachIf(
                    standing.isReleased(placed) && standing.isUpElsewhere(placed),
                    "tried again though it is up: " + decision);
        }
        boolean changes = unit.isExclusive() != old.exclusive();
        breachIf(changes && !standing.isReleased(placed), "takes a file that is (not) exclusive before it is down");
        breachIf(
                changes && unit.isExclusive() && !standing.isLive(placed),
                "nobody knows what runs on the lost machine: " + decision);
        if (changes || unit.isExclusive() && standing.isReleased(placed)) {
            startedAlone(unit, old.machine(), Optional.of(old.machine()));
        }
    }

    /// A unit starts on a machine: nothing of it, nor of anybody it conflicts with, may be up in its way.
    private void started(RegisteredUnit unit, MachineId machine, Optional<MachineId> from) {
        var name = unit.name();
        breachIf(!cluster.machines().containsKey(machine), "places " + name + " on a machine that is not there");
        startedAlone(unit, machine, from);
        var there = Optional.ofNullable(cluster.statesOf(name).get(machine));
        boolean adopted = standing.asks(name, machine)
                && there.filter(copy -> copy.fileHash().equals(unit.unit().fileHash())).isPresent()
                && there.filter(copy -> copy.generation() == unit.unit().generation()).isPresent()
                && unit.unit().desired() == DesiredState.LAUNCHED;
        if (!standing.asks(name, machine)) {
            setbacks.started(unit, machine);
        }
        cluster.statesOf(name).forEach((other, state) -> {
            boolean inTheWay = unit.isGlobal() ? other.equals(machine) : !from.equals(Optional.of(other));
            inTheWay &= !adopted && !standing.isReleased(new Spot(other, name))
                    && !(standing.asks(name, machine) && other.equals(machine));
            breachIf(
                    inTheWay && cluster.machines().containsKey(other),
                    "starts " + name + " on " + machine + " before it is gone from " + other);
        });
        besideNobodyWhoLeaves(name, machine);
    }

    private void besideNobodyWhoLeaves(UnitName name, MachineId machine) {
        cluster.states().forEach((other, byMachine) -> {
            var spot = new Spot(machine, other);
            boolean stays = standing.running.contains(spot);
            boolean released = standing.before.containsKey(spot) && standing.isReleased(standing.before.get(spot));
            breachIf(
                    byMachine.containsKey(machine) && !stays && !released && rules.conflict(name, other),
                    "starts " + name + " on " + machine + " before " + other + " is down for good");
        });
        for (var spot : standing.releasing) {
            var placed = standing.before.get(spot);
            boolean down = placed != null && standing.isReleased(placed);
            breachIf(
                    spot.machine().equals(machine) && !down && rules.conflict(name, spot.unit()),
                    "starts " + name + " on " + machine + " before " + spot.unit() + " is released");
        }
        Optional.ofNullable(cluster.units().get(name))
                .flatMap(unit -> rules.whyNoRoomYet(unit, cluster.machines().get(machine)))
                .ifPresent(why -> breaches.add("starts " + name + " on " + machine + " " + why));
    }

    /// An exclusive unit starts, or one of which an exclusive copy may be up: no other one may be.
    private void startedAlone(RegisteredUnit unit, MachineId machine, Optional<MachineId> from) {
        cluster.placementsOf(unit.name()).forEach((other, placed) -> breachIf(
                !from.equals(Optional.of(other)) && standing.mayBeUp(placed),
                "starts " + unit.name() + " on " + machine + ", while it may be up on " + other));
        cluster.statesOf(unit.name()).keySet().forEach(other -> breachIf(
                unit.isExclusive()
                        && !from.equals(Optional.of(other))
                        && !standing.isReleased(new Spot(other, unit.name()))
                        && cluster.machines().containsKey(other),
                "starts exclusive " + unit.name() + " on " + machine + " before it is gone from " + other));
    }

    /// Whether a copy of a unit that is as its unit is to be has asked to stay.
    private boolean olderCopyIsBack(RegisteredUnit unit) {
        return Rulebook.rules(unit).partition().onReconnect() == OnReconnect.OLDEST
                && cluster.statesOf(unit.name()).entrySet().stream()
                        .anyMatch(copy -> standing.asks(unit.name(), copy.getKey())
                        && copy.getValue().fileHash().equals(unit.unit().fileHash())
                        && copy.getValue().generation() == unit.unit().generation());
    }

    /// A unit is stopped though it is wanted: it must not fit any more, or someone with a better right comes.
    private void stopped(PlacementFact placed, Decision decision) {
        var unit = cluster.units().get(placed.placement().unit());
        if (unit == null || !Rulebook.isPlaceable(unit) || !standing.isLive(placed)) {
            return;
        }
        var machine = cluster.machines().get(placed.placement().machine());
        boolean duplicate = !unit.isGlobal() && cluster.placementsOf(unit.name()).size() > 1;
        boolean changes = unit.isExclusive() != placed.placement().exclusive();
        breachIf(
                !duplicate && !changes && !rules.grows(unit, placed) && !rules.isOutranked(unit) && !olderCopyIsBack(unit)
                        && rules.whyNot(unit, machine).isEmpty(),
                "stops " + unit.name() + " where it fits: " + decision);
    }

    /// After the plan, whatever runs on a machine that is there obeys the rules, and runs once.
    private void everythingHolds() {
        for (var spot : standing.running) {
            var unit = cluster.units().get(spot.unit());
            var machine = cluster.machines().get(spot.machine());
            if (unit == null || !unit.isWanted()) {
                boolean waits = machine == null && standing.before.containsKey(spot)
                        && standing.mayBeUp(standing.before.get(spot));
                breachIf(!waits, spot.unit() + " is not wanted and stays on " + spot.machine());
            } else if (Rulebook.isPlaceable(unit) && machine != null) {
                rules.whyNot(unit, machine)
                        .ifPresent(why -> breaches.add(spot.unit() + " on " + spot.machine() + ": " + why));
            }
            boolean twice = standing.running.stream()
                    .anyMatch(other -> other.unit().equals(spot.unit()) && !other.equals(spot));
            boolean once = unit != null && Rulebook.isPlaceable(unit) && !unit.isGlobal();
            breachIf(twice && once, spot.unit() + " runs twice");
        }
    }

    /// Who rests where it does not fit any more, or has become exclusive or no longer is, and is not down yet here or
    /// elsewhere, has been told to leave already.
    private void leaveWhoCannotRest(Plan plan) {
        for (var spot : List.copyOf(standing.running)) {
            var placed = standing.before.get(spot);
            var unit = cluster.units().get(spot.unit());
            var machine = cluster.machines().get(spot.machine());
            if (placed != null && standing.isResting(placed) && machine != null
                    && (!standing.isReleased(placed) || isStillBeingStopped(spot.unit(), plan))
                    && unit != null && Rulebook.isPlaceable(unit)
                    && (makesRoom(unit, plan) || rules.grows(unit, placed)
                            || unit.isExclusive() != placed.placement().exclusive() || rules.whyNot(unit, machine).isPresent())) {
                standing.running.remove(spot);
                standing.releasing.add(spot);
            }
        }
    }

    /// For one that claims its machine, and is not there yet.
    private boolean makesRoom(RegisteredUnit unit, Plan plan) {
        return cluster.units().values().stream()
                        .anyMatch(other -> Rulebook.isPlaceable(other) && rules.replaces(other, unit))
                && isStillBeingStopped(unit.name(), plan);
    }

    private static boolean isStillBeingStopped(UnitName unit, Plan plan) {
        return plan.decisions().stream().anyMatch(decision -> decision instanceof Wait(var name, var reason)
                && name.equals(unit)
                && reason.startsWith("it is still being stopped"));
    }

    private void breachIf(boolean breach, String words) {
        if (breach) {
            breaches.add(words);
        }
    }
}
