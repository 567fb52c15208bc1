package io.flota.scheduler.placement;

import io.flota.machine.Machine;
import io.flota.machine.MachineId;
import io.flota.registry.Fact.FailuresFact;
import io.flota.registry.Fact.PlacementFact;
import io.flota.scheduler.cluster.Cluster;
import io.flota.scheduler.cluster.RegisteredUnit;
import io.flota.scheduler.cluster.RegisteredUnit.Readable;
import io.flota.scheduler.placement.Decision.Dismiss;
import io.flota.scheduler.placement.Decision.GiveUp;
import io.flota.scheduler.placement.Decision.Move;
import io.flota.scheduler.placement.Decision.Place;
import io.flota.scheduler.placement.Decision.Release;
import io.flota.scheduler.placement.Decision.Remove;
import io.flota.scheduler.placement.Decision.Update;
import io.flota.scheduler.placement.Decision.Wait;
import io.flota.unit.DesiredState;
import io.flota.unit.Failures;
import io.flota.unit.Glob;
import io.flota.unit.PartitionRules.OnReconnect;
import io.flota.unit.PlacementRules;
import io.flota.unit.UnitName;
import io.flota.unit.UnitState;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// Reads a plan against its cluster and tells every promise that it breaks. Shares nothing with the planner: no
/// index, no order, just the rules, one pair of units after the other.
public final class PlanCheck {
    private static final Duration MEMORY = Duration.ofHours(1);
    private static final Duration LONGEST_REST = Duration.ofMinutes(5);

    private record Spot(MachineId machine, UnitName unit) implements Comparable<Spot> {
        @Override
        public int compareTo(Spot other) {
            int order = machine.compareTo(other.machine);
            return order == 0 ? unit.compareTo(other.unit) : order;
        }
    }

    private final Cluster cluster;
    private final TreeMap<Spot, PlacementFact> before = new TreeMap<>();
    private final TreeSet<Spot> running = new TreeSet<>();
    private final TreeSet<Spot> releasing = new TreeSet<>();
    private final List<String> breaches = new ArrayList<>();

    private PlanCheck(Cluster cluster) {
        this.cluster = cluster;
        cluster.placements().forEach((unit, byMachine) -> byMachine.forEach((machine, placed) -> {
            var spot = new Spot(machine, unit);
            before.put(spot, placed);
            var registered = cluster.units().get(unit);
            boolean rests = isResting(placed) && registered != null && registered.isWanted();
            boolean leaves = placed.placement().target() == DesiredState.INACTIVE && !rests;
            (leaves ? releasing : running).add(spot);
        }));
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
        return check.breaches;
    }

    /// Wanted units that would fit somewhere and have no place, in a cluster where nothing is about to happen.
    public static List<String> forgotten(Cluster cluster) {
        var check = new PlanCheck(cluster);
        for (var unit : cluster.units().values()) {
            boolean hasPlace = !unit.isGlobal() && check.isOnLiveMachine(unit.name());
            if (isPlaceable(unit) && !hasPlace && !check.mayStillRest(unit.name())) {
                for (var machine : cluster.machines().values()) {
                    var spot = new Spot(machine.id(), unit.name());
                    boolean waits = cluster.placementsOf(unit.name()).values().stream().anyMatch(check::mayBeUp);
                    if (!check.running.contains(spot) && !waits && check.whyNot(unit, machine).isEmpty()
                            && check.shortageBesideAll(unit.name(), machine.id()).isEmpty()) {
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
        var then = new PlanCheck(planned);
        check.running.clear();
        check.running.addAll(then.running);
        check.releasing.clear();
        check.releasing.addAll(then.releasing);
        check.besideNobodyWhoLeaves(unit, machine);
        var rule = isPlaceable(registered) ? check.whyNot(registered, live) : Optional.<String>empty();
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
            case Place(var unit, var machine, _) -> touch(new Spot(machine, unit.name()), running, touched);
            case Move(var unit, var from, var to, _) -> {
                touch(spot(from), null, touched);
                touch(new Spot(to, unit.name()), running, touched);
            }
            case Update(_, var placed, _) -> touch(spot(placed), running, touched);
            case Release(var placed, _) -> touch(spot(placed), releasing, touched);
            case GiveUp(_, var placed, _, _, _) -> touch(spot(placed), running, touched);
            case Remove(var placed, _) -> touch(spot(placed), null, touched);
            case Dismiss(var unit, var machine, _, _) -> touch(new Spot(machine, unit), releasing, touched);
            case Wait _ -> {}
        }
    }

    private void touch(Spot spot, TreeSet<Spot> to, TreeSet<Spot> touched) {
        breachIf(!touched.add(spot), "two decisions about " + spot);
        running.remove(spot);
        releasing.remove(spot);
        if (to != null) {
            to.add(spot);
        }
    }

    private void check(Decision decision) {
        switch (decision) {
            case Place(var unit, var machine, _) -> {
                breachIf(before.containsKey(new Spot(machine, unit.name())), "places what is placed: " + decision);
                started(unit, machine, Optional.empty());
            }
            case Move(var unit, var from, var to, _) -> {
                breachIf(isLive(from) && !isReleased(from), "moves what is not down: " + decision);
                breachIf(!isLive(from) && cluster.holdsLosses(), "moves what is held: " + decision);
                breachIf(mayBeUp(from), "moves what is exclusive and may be up: " + decision);
                started(unit, to, Optional.of(from.placement().machine()));
            }
            case Update(var unit, var placed, _) -> {
                var old = placed.placement();
                var wanted = unit.unit();
                breachIf(
                        old.fileHash().equals(wanted.fileHash())
                                && old.target() == wanted.desired()
                                && old.generation() == wanted.generation()
                                && old.properties().equals(wanted.properties()),
                        "an update of nothing: " + decision);
                if (isResting(placed)) {
                    tooEarly(unit, old.machine());
                    breachIf(isReleased(placed) && isUpElsewhere(placed), "tried again though it is up: " + decision);
                }
                boolean changes = unit.isExclusive() != old.exclusive();
                breachIf(changes && !isReleased(placed), "takes a file that is (not) exclusive before it is down");
                breachIf(
                        changes && unit.isExclusive() && !isLive(placed),
                        "nobody knows what runs on the lost machine: " + decision);
                if (changes || unit.isExclusive() && isReleased(placed)) {
                    startedAlone(unit, old.machine(), Optional.of(old.machine()));
                }
            }
            case GiveUp giveUp -> checkGivenUp(giveUp);
            case Release(var placed, _) -> breachIf(!isLive(placed), "releases on a lost machine: " + decision);
            case Remove(var placed, _) -> {
                var unit = cluster.units().get(placed.placement().unit());
                boolean ends = unit == null || !isPlaceable(unit) || unit.isGlobal() || isReleased(placed)
                        || running.stream().anyMatch(spot -> spot.unit().equals(unit.name()))
                        || (!isLive(placed) || placed.placement().target() == DesiredState.INACTIVE)
                                && cluster.placementsOf(unit.name()).size() > 1;
                boolean known = cluster.statesOf(placed.placement().unit())
                        .containsKey(placed.placement().machine());
                breachIf(isLive(placed) && !known, "removes what may yet be started: " + decision);
                breachIf(!ends, "stops what is wanted without its release: " + decision);
                breachIf(mayBeUp(placed), "forgets what is exclusive and may be up: " + decision);
            }
            case Dismiss(var unit, var machine, _, _) ->
                breachIf(!asks(unit, machine), "dismisses who does not ask: " + decision);
            case Wait(var name, _) ->
                breachIf(running.stream().anyMatch(spot -> spot.unit().equals(name)
                        && !(before.containsKey(spot) && isResting(before.get(spot)))
                        && cluster.machines().containsKey(spot.machine())), "waits and runs: " + decision);
        }
        if (decision instanceof Release(var placed, _)) {
            stopped(placed, decision);
        } else if (decision instanceof Remove(var placed, _)
                && placed.placement().target() != DesiredState.INACTIVE) {
            stopped(placed, decision);
        }
    }

    private void checkGivenUp(GiveUp decision) {
        var placement = decision.placement().placement();
        var unit = decision.unit().unit();
        var state = cluster.statesOf(unit.name()).get(placement.machine());
        breachIf(
                state == null
                        || !state.active().equals("failed")
                        || !state.placementId().equals(placement.id())
                        || state.generation() != unit.generation()
                        || placement.generation() != unit.generation()
                        || !placement.fileHash().equals(unit.fileHash())
                        || !(decision.unit().contents() instanceof Readable(var file, _)
                                && !List.of("no", "on-success").contains(file.last("Service", "Restart").orElse("no"))),
                "gives up what has not failed for good: " + decision);
        int expected = decision.before()
                        .map(FailuresFact::failures)
                        .filter(it -> it.areOf(unit) && it.last().plus(MEMORY).isAfter(cluster.moment()))
                        .map(Failures::count)
                        .orElse(0)
                + 1;
        breachIf(decision.after().count() != expected, "miscounts: " + decision);
        breachIf(!decision.after().areOf(unit), "remembers what another unit did: " + decision);
    }

    /// A unit starts that has failed: its time must be over.
    private void tooEarly(RegisteredUnit unit, MachineId machine) {
        int all = 0;
        var last = Optional.<Instant>empty();
        for (var fact : cluster.failuresOf(unit.name()).values()) {
            var failed = fact.failures();
            if (!failed.areOf(unit.unit())) {
                continue;
            }
            last = last.filter(failed.last()::isBefore).or(() -> Optional.of(failed.last()));
            var ago = Duration.between(failed.last(), cluster.moment());
            if (!ago.isNegative() && ago.compareTo(MEMORY) < 0) {
                all += failed.count();
                long seconds = Math.min(300, 10L * Math.round(Math.pow(2, failed.count() - 1)));
                breachIf(
                        fact.machine().equals(machine) && ago.compareTo(Duration.ofSeconds(seconds)) < 0,
                        unit.name() + " comes to " + machine + ", where it failed " + ago + " ago");
                breachIf(
                        !unit.isGlobal() && ago.compareTo(Duration.ofSeconds(1)) < 0,
                        unit.name() + " starts " + ago + " after a failure");
            }
        }
        int failures = all;
        last.ifPresent(latest -> {
            var ago = Duration.between(latest, cluster.moment());
            long seconds = Math.min(300, Math.round(Math.pow(2, failures - 1)));
            breachIf(
                    !unit.isGlobal() && !ago.isNegative() && ago.compareTo(Duration.ofSeconds(seconds)) < 0,
                    unit.name() + " starts " + ago + " after the last of " + failures + " failures");
        });
    }

    private boolean isUpElsewhere(PlacementFact placed) {
        var unit = cluster.units().get(placed.placement().unit());
        return !unit.isGlobal()
                && cluster.statesOf(unit.name()).entrySet().stream()
                        .filter(entry -> !entry.getKey().equals(placed.placement().machine()))
                        .filter(entry -> cluster.machines().containsKey(entry.getKey()))
                        .anyMatch(entry -> !entry.getValue().isDown());
    }

    /// Whether a unit failed so lately that machines may be avoided for it; a leader's calendar may also be set back
    /// behind its last failure.
    private boolean mayStillRest(UnitName unit) {
        return cluster.failuresOf(unit).values().stream()
                .anyMatch(fact -> fact.failures().last().plus(LONGEST_REST).isAfter(cluster.moment()));
    }

    private boolean isResting(PlacementFact placed) {
        var fact = cluster.failuresOf(placed.placement().unit()).get(placed.placement().machine());
        return placed.placement().target() == DesiredState.INACTIVE
                && fact != null
                && fact.failures().placementId().equals(placed.placement().id());
    }

    /// A unit starts on a machine: nothing of it, nor of anybody it conflicts with, may be up in its way.
    private void started(RegisteredUnit unit, MachineId machine, Optional<MachineId> from) {
        var name = unit.name();
        breachIf(!cluster.machines().containsKey(machine), "places " + name + " on a machine that is not there");
        startedAlone(unit, machine, from);
        var there = Optional.ofNullable(cluster.statesOf(name).get(machine));
        boolean adopted = asks(name, machine)
                && there.filter(copy -> copy.fileHash().equals(unit.unit().fileHash())).isPresent()
                && there.filter(copy -> copy.generation() == unit.unit().generation()).isPresent()
                && unit.unit().desired() == DesiredState.LAUNCHED;
        if (!asks(name, machine)) {
            tooEarly(unit, machine);
        }
        cluster.statesOf(name).forEach((other, state) -> {
            boolean inTheWay = unit.isGlobal() ? other.equals(machine) : !from.equals(Optional.of(other));
            inTheWay &= !adopted && !isReleased(new Spot(other, name)) && !(asks(name, machine) && other.equals(machine));
            breachIf(
                    inTheWay && cluster.machines().containsKey(other),
                    "starts " + name + " on " + machine + " before it is gone from " + other);
        });
        besideNobodyWhoLeaves(name, machine);
    }

    private void besideNobodyWhoLeaves(UnitName name, MachineId machine) {
        cluster.states().forEach((other, byMachine) -> {
            var spot = new Spot(machine, other);
            boolean stays = running.contains(spot);
            boolean released = before.containsKey(spot) && isReleased(before.get(spot));
            breachIf(
                    byMachine.containsKey(machine) && !stays && !released && conflict(name, other),
                    "starts " + name + " on " + machine + " before " + other + " is down for good");
        });
        for (var spot : releasing) {
            var placed = before.get(spot);
            boolean down = placed != null && isReleased(placed);
            breachIf(
                    spot.machine().equals(machine) && !down && conflict(name, spot.unit()),
                    "starts " + name + " on " + machine + " before " + spot.unit() + " is released");
        }
        shortageBesideAll(name, machine)
                .ifPresent(why -> breaches.add("starts " + name + " on " + machine + " " + why));
    }

    /// Why there is no room for a unit beside all who are to be there and who have yet to leave.
    private Optional<String> shortageBesideAll(UnitName name, MachineId machine) {
        var there = on(machine, releasing);
        cluster.states().forEach((other, byMachine) -> {
            if (byMachine.containsKey(machine)) {
                there.add(other);
            }
        });
        there.removeIf(other -> isReleased(new Spot(machine, other)));
        return Optional.ofNullable(cluster.units().get(name))
                .flatMap(unit -> RoomCheck.shortage(
                        cluster, unit, cluster.machines().get(machine), on(machine, running), there));
    }

    /// An exclusive unit starts, or one of which an exclusive copy may be up: no other one may be.
    private void startedAlone(RegisteredUnit unit, MachineId machine, Optional<MachineId> from) {
        cluster.placementsOf(unit.name()).forEach((other, placed) -> breachIf(
                !from.equals(Optional.of(other)) && mayBeUp(placed),
                "starts " + unit.name() + " on " + machine + ", while it may be up on " + other));
        cluster.statesOf(unit.name()).keySet().forEach(other -> breachIf(
                unit.isExclusive()
                        && !from.equals(Optional.of(other))
                        && !isReleased(new Spot(other, unit.name()))
                        && cluster.machines().containsKey(other),
                "starts exclusive " + unit.name() + " on " + machine + " before it is gone from " + other));
    }

    /// Whether a copy may be up at a placement that must not be up beside any other: either is exclusive.
    private boolean mayBeUp(PlacementFact placed) {
        var unit = Optional.ofNullable(cluster.units().get(placed.placement().unit()));
        boolean nowExclusive = unit.filter(RegisteredUnit::isExclusive).isPresent();
        if (isLive(placed)) {
            return (placed.placement().exclusive() || nowExclusive) && !isReleased(placed);
        }
        return placed.placement().exclusive()
                ? !cluster.losses().fenced().contains(placed.placement().machine())
                : nowExclusive && unit.get().isWanted();
    }

    private boolean asks(UnitName unit, MachineId machine) {
        return Optional.ofNullable(cluster.statesOf(unit).get(machine)).filter(UnitState::asksToStay).isPresent()
                && cluster.machines().containsKey(machine)
                && !before.containsKey(new Spot(machine, unit));
    }

    /// Whether a copy of a unit that is as its unit is to be has asked to stay.
    private boolean olderCopyIsBack(RegisteredUnit unit) {
        return rules(unit).partition().onReconnect() == OnReconnect.OLDEST
                && cluster.statesOf(unit.name()).entrySet().stream().anyMatch(copy -> asks(unit.name(), copy.getKey())
                        && copy.getValue().fileHash().equals(unit.unit().fileHash())
                        && copy.getValue().generation() == unit.unit().generation());
    }

    /// A unit is stopped though it is wanted: it must not fit any more, or someone with a better right comes.
    private void stopped(PlacementFact placed, Decision decision) {
        var unit = cluster.units().get(placed.placement().unit());
        if (unit == null || !isPlaceable(unit) || !isLive(placed)) {
            return;
        }
        var machine = cluster.machines().get(placed.placement().machine());
        boolean duplicate = !unit.isGlobal() && cluster.placementsOf(unit.name()).size() > 1;
        boolean changes = unit.isExclusive() != placed.placement().exclusive();
        breachIf(
                !duplicate && !changes && !grows(unit, placed) && !isOutranked(unit) && !olderCopyIsBack(unit) && whyNot(unit, machine).isEmpty(),
                "stops " + unit.name() + " where it fits: " + decision);
    }

    /// Whether a unit wants something else than before, and more than those leave it who were there, whatever becomes
    /// of them.
    private boolean grows(RegisteredUnit unit, PlacementFact placed) {
        var machine = cluster.machines().get(placed.placement().machine());
        return RoomCheck.isResized(cluster, unit, placed)
                && RoomCheck.isCrowded(cluster, unit, machine, on(machine.id(), before.keySet()));
    }

    private boolean isOutranked(RegisteredUnit unit) {
        return cluster.units().values().stream()
                .filter(PlanCheck::isPlaceable)
                .anyMatch(other -> replaces(other, unit)
                        || (other.isGlobal()
                                && unit.isGlobal()
                                && other.name().compareTo(unit.name()) < 0
                                && conflict(other.name(), unit.name())));
    }

    /// After the plan, whatever runs on a machine that is there obeys the rules, and runs once.
    private void everythingHolds() {
        for (var spot : running) {
            var unit = cluster.units().get(spot.unit());
            var machine = cluster.machines().get(spot.machine());
            if (unit == null || !unit.isWanted()) {
                boolean waits = machine == null && before.containsKey(spot) && mayBeUp(before.get(spot));
                breachIf(!waits, spot.unit() + " is not wanted and stays on " + spot.machine());
            } else if (isPlaceable(unit) && machine != null) {
                whyNot(unit, machine).ifPresent(why -> breaches.add(spot.unit() + " on " + spot.machine() + ": " + why));
            }
            boolean twice = running.stream()
                    .anyMatch(other -> other.unit().equals(spot.unit()) && !other.equals(spot));
            breachIf(twice && unit != null && isPlaceable(unit) && !unit.isGlobal(), spot.unit() + " runs twice");
        }
    }

    /// Why a unit may not be on a machine beside all that is to run there.
    private Optional<String> whyNot(RegisteredUnit unit, Machine machine) {
        var rules = rules(unit);
        if (!cluster.policyOf(machine.id()).isOpen() && !ranBefore(new Spot(machine.id(), unit.name()))) {
            return Optional.of("it is cordoned");
        }
        if (isDrivenFrom(machine.id(), unit)) {
            return Optional.of("it is draining");
        }
        if (rules.machineId().isPresent()
                && !rules.machineId().get().equals(machine.id().value())
                && !rules.machineId().get().equals(machine.id().shortened())) {
            return Optional.of("wrong machine id");
        }
        for (var key : rules.metadata().keySet()) {
            var metadata = cluster.policyOf(machine.id()).over(machine.metadata());
            if (!rules.metadata().containsEntry(key, metadata.get(key))) {
                return Optional.of("wrong metadata " + key);
            }
        }
        for (var peer : rules.machineOf()) {
            if (!running.contains(new Spot(machine.id(), peer))) {
                return Optional.of("without its peer " + peer);
            }
        }
        for (var spot : running) {
            if (spot.machine().equals(machine.id()) && conflict(unit.name(), spot.unit())) {
                return Optional.of("beside " + spot.unit() + ", with which it conflicts");
            }
            var other = cluster.units().get(spot.unit());
            if (spot.machine().equals(machine.id()) && other != null && isPlaceable(other) && replaces(other, unit)) {
                return Optional.of("beside " + spot.unit() + ", which replaces it");
            }
        }
        return RoomCheck.shortage(cluster, unit, machine, on(machine.id(), running));
    }

    private static TreeSet<UnitName> on(MachineId machine, Collection<Spot> spots) {
        return spots.stream()
                .filter(spot -> spot.machine().equals(machine))
                .map(Spot::unit)
                .collect(Collectors.toCollection(TreeSet::new));
    }

    /// Who rests where it does not fit any more, or has become exclusive or no longer is, and is not down yet here or
    /// elsewhere, has been told to leave already.
    private void leaveWhoCannotRest(Plan plan) {
        for (var spot : List.copyOf(running)) {
            var placed = before.get(spot);
            var unit = cluster.units().get(spot.unit());
            var machine = cluster.machines().get(spot.machine());
            if (placed != null && isResting(placed) && machine != null
                    && (!isReleased(placed) || isStillBeingStopped(spot.unit(), plan))
                    && unit != null && isPlaceable(unit)
                    && (makesRoom(unit, plan) || grows(unit, placed)
                            || unit.isExclusive() != placed.placement().exclusive() || whyNot(unit, machine).isPresent())) {
                running.remove(spot);
                releasing.add(spot);
            }
        }
    }

    /// For one that claims its machine, and is not there yet.
    private boolean makesRoom(RegisteredUnit unit, Plan plan) {
        return cluster.units().values().stream().anyMatch(other -> isPlaceable(other) && replaces(other, unit))
                && isStillBeingStopped(unit.name(), plan);
    }

    private static boolean isStillBeingStopped(UnitName unit, Plan plan) {
        return plan.decisions().stream().anyMatch(decision -> decision instanceof Wait(var name, var reason)
                && name.equals(unit)
                && reason.startsWith("it is still being stopped"));
    }

    private boolean ranBefore(Spot spot) {
        var placed = before.get(spot);
        return placed != null
                && (placed.placement().target() != DesiredState.INACTIVE || isResting(placed));
    }

    /// From a draining machine ordinary units go at once, global ones once no other is there.
    private boolean isDrivenFrom(MachineId machine, RegisteredUnit unit) {
        return cluster.policyOf(machine).draining()
                && (!unit.isGlobal()
                        || Stream.of(cluster.placements(), cluster.states())
                                .flatMap(table -> table.entrySet().stream())
                                .filter(entry -> entry.getValue().containsKey(machine))
                                .map(entry -> cluster.units().get(entry.getKey()))
                                .noneMatch(other -> other == null
                                        || !other.isGlobal()
                                                && (!other.isWanted() || other.contents() instanceof Readable)));
    }

    private boolean conflict(UnitName one, UnitName other) {
        return !one.equals(other) && (names(one, other) || names(other, one));
    }

    private boolean names(UnitName one, UnitName other) {
        var unit = cluster.units().get(one);
        var contents = unit == null ? cluster.contentsOfDestroyed(one) : List.of(unit.contents());
        return contents.stream()
                .anyMatch(it -> it instanceof Readable readable && matches(readable.rules().conflicts(), other));
    }

    /// Whether one drives the other away; not if the other, by whatever way round, depends on nothing but its leave.
    private boolean replaces(RegisteredUnit one, RegisteredUnit other) {
        return namesInReplaces(one, other) && !leadsTo(other, one, new TreeSet<>());
    }

    private static boolean namesInReplaces(RegisteredUnit one, RegisteredUnit other) {
        return !one.isGlobal()
                && !other.isGlobal()
                && !one.name().equals(other.name())
                && matches(rules(one).replaces(), other.name());
    }

    private boolean leadsTo(RegisteredUnit from, RegisteredUnit to, TreeSet<UnitName> seen) {
        if (from.name().equals(to.name())) {
            return true;
        }
        if (!seen.add(from.name())) {
            return false;
        }
        return cluster.units().values().stream()
                .filter(PlanCheck::isPlaceable)
                .filter(unit -> !unit.isGlobal())
                .filter(unit -> namesInReplaces(from, unit) || rules(unit).machineOf().contains(from.name()))
                .anyMatch(unit -> leadsTo(unit, to, seen));
    }

    private static boolean matches(List<Glob> globs, UnitName name) {
        return globs.stream().anyMatch(glob -> glob.matches(name.full()));
    }

    private boolean isOnLiveMachine(UnitName unit) {
        return running.stream()
                .anyMatch(spot -> spot.unit().equals(unit) && cluster.machines().containsKey(spot.machine()));
    }

    private static boolean isPlaceable(RegisteredUnit unit) {
        return unit.unit().desired() != DesiredState.INACTIVE
                && !unit.name().isTemplate()
                && unit.contents() instanceof Readable;
    }

    private static PlacementRules rules(RegisteredUnit unit) {
        return ((Readable) unit.contents()).rules();
    }

    private boolean isLive(PlacementFact placed) {
        return cluster.machines().containsKey(placed.placement().machine());
    }

    private boolean isReleased(PlacementFact placed) {
        var state = cluster.statesOf(placed.placement().unit()).get(placed.placement().machine());
        return placed.placement().target() == DesiredState.INACTIVE
                && Optional.ofNullable(state)
                        .filter(UnitState::isDown)
                        .filter(down -> down.placementId().equals(placed.placement().id()))
                        .isPresent();
    }

    private boolean isReleased(Spot spot) {
        return Optional.ofNullable(before.get(spot)).filter(this::isReleased).isPresent();
    }

    private static Spot spot(PlacementFact placed) {
        return new Spot(placed.placement().machine(), placed.placement().unit());
    }

    private void breachIf(boolean breach, String words) {
        if (breach) {
            breaches.add(words);
        }
    }
}
