package io.flota.scheduler.api;

import com.google.common.collect.ImmutableList;
import io.flota.api.v1.ListUnitsReply;
import io.flota.api.v1.ListUnitsRequest;
import io.flota.api.v1.Refusal;
import io.flota.api.v1.Unit;
import io.flota.api.v1.UnitOnMachine;
import io.flota.machine.Machine;
import io.flota.machine.MachineId;
import io.flota.registry.Fact.PlacementFact;
import io.flota.registry.Records;
import io.flota.scheduler.cluster.Cluster;
import io.flota.scheduler.cluster.Losses;
import io.flota.scheduler.cluster.RegisteredUnit;
import io.flota.scheduler.cluster.RegisteredUnit.Readable;
import io.flota.scheduler.cluster.RegisteredUnit.Unreadable;
import io.flota.scheduler.model.View;
import io.flota.scheduler.placement.Plan;
import io.flota.scheduler.placement.Planner;
import io.flota.unit.DesiredState;
import io.flota.unit.Glob;
import io.flota.unit.Placement;
import io.flota.unit.Specifiers;
import io.flota.unit.Standby;
import io.flota.unit.UnitName;
import io.grpc.Status.Code;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.Stream;

/// Tells what is known of some units, or of all.
final class UnitListing {
    private final ImmutableList<Glob> patterns;
    private final ImmutableList<String> names;

    private UnitListing(ImmutableList<String> names, ImmutableList<Glob> patterns) {
        this.names = names;
        this.patterns = patterns;
    }

    /// @throws RefusedException if a pattern is none
    static UnitListing of(ListUnitsRequest request) throws RefusedException {
        var problems = new Problems();
        var patterns = ImmutableList.<Glob>builder();
        for (String pattern : request.getPatternsList()) {
            try {
                patterns.add(new Glob(pattern));
            } catch (IllegalArgumentException e) {
                problems.add(Code.INVALID_ARGUMENT, e.getMessage());
            }
        }
        problems.refuseIfAny();
        return new UnitListing(ImmutableList.copyOf(request.getNamesList()), patterns.build());
    }

    /// @param now by which failures have become old
    ListUnitsReply reply(View view, Instant now) {
        var cluster = view.cluster().at(now);
        var reply = ListUnitsReply.newBuilder().setFreshness(Messages.of(view));
        var reasons = new Reasons(cluster);
        selected(cluster).forEach(
                unit -> reply.addUnits(unit(cluster, unit).addAllRefusals(reasons.of(unit))));
        return reply.build();
    }

    /// The units alone, without why some wait: that takes a plan of the whole cluster.
    ImmutableList<Unit> unexplained(View view) {
        return selected(view.cluster())
                .map(unit -> unit(view.cluster(), unit).build())
                .collect(ImmutableList.toImmutableList());
    }

    /// Whether a client learns nothing from a reply that it was not told by another one. The revision alone is no news.
    static boolean tellTheSame(ListUnitsReply told, ListUnitsReply reply) {
        return told.getUnitsList().equals(reply.getUnitsList())
                && told.getFreshness().getHeldReason().equals(reply.getFreshness().getHeldReason())
                && told.getFreshness().getStaleSinceMillis() == reply.getFreshness().getStaleSinceMillis();
    }

    private Stream<RegisteredUnit> selected(Cluster cluster) {
        if (names.isEmpty() && patterns.isEmpty()) {
            return cluster.units().values().stream();
        }
        if (patterns.isEmpty()) {
            return names.stream()
                    .distinct()
                    .filter(name -> UnitName.problem(name).isEmpty())
                    .map(UnitName::new)
                    .sorted()
                    .flatMap(name -> Optional.ofNullable(cluster.units().get(name)).stream());
        }
        Predicate<String> matches = name -> patterns.stream().anyMatch(pattern -> pattern.matches(name));
        return cluster.units().values().stream()
                .filter(unit -> names.contains(unit.name().full()) || matches.test(unit.name().full()));
    }

    private static Unit.Builder unit(Cluster cluster, RegisteredUnit registered) {
        var unit = Unit.newBuilder()
                .setName(registered.name().full())
                .setFileHash(registered.unit().fileHash())
                .setDesired(Records.of(registered.unit().desired()))
                .setGeneration(registered.unit().generation())
                .setGlobal(registered.isGlobal())
                .setDescription(description(registered))
                .putAllProperties(registered.unit().properties().values());
        if (registered.contents() instanceof Readable(var _, var rules) && !rules.reservation().isNone()) {
            unit.setReservation(Records.of(rules.reservation()));
        }
        standsByFor(cluster, registered).map(UnitName::full).ifPresent(unit::setStandsByFor);
        var machines = new TreeSet<MachineId>();
        machines.addAll(cluster.placementsOf(registered.name()).keySet());
        machines.addAll(cluster.statesOf(registered.name()).keySet());
        machines.forEach(machine -> unit.addMachines(onMachine(cluster, registered.name(), machine)));
        return unit;
    }

    /// Empty while it stands in for that one, or is on its way to.
    private static Optional<UnitName> standsByFor(Cluster cluster, RegisteredUnit registered) {
        boolean wanted = registered.unit().desired() == DesiredState.LAUNCHED;
        boolean placed = cluster.placementsOf(registered.name()).values().stream()
                .anyMatch(it -> it.placement().target() == DesiredState.LOADED);
        return registered.standby().filter(_ -> wanted && placed).map(Standby::primary);
    }

    private static UnitOnMachine onMachine(Cluster cluster, UnitName unit, MachineId machine) {
        var there = UnitOnMachine.newBuilder().setMachineId(machine.value());
        Optional.ofNullable(cluster.machines().get(machine)).map(Machine::publicIp).ifPresent(there::setPublicIp);
        Optional.ofNullable(cluster.placementsOf(unit).get(machine))
                .ifPresent(placed -> there.setPlacement(Records.of(placed.placement())));
        Optional.ofNullable(cluster.statesOf(unit).get(machine))
                .ifPresent(state -> there.setState(Records.of(state)));
        return there.build();
    }

    /// With the specifiers that no machine is needed for; a template keeps them, for its instances.
    private static String description(RegisteredUnit unit) {
        return switch (unit.contents()) {
            case Readable(var file, var _) -> file.last("Unit", "Description")
                    .map(text -> unit.name().isTemplate() ? text : Specifiers.expandInPlacement(unit.name(), text))
                    .orElse("");
            case Unreadable(var _) -> "";
        };
    }

    /// Why units wait: a plan is made for the first that does, and asked for all of them.
    ///
    /// Only the leader knows for how long a lost machine has been so, and whether its exclusive units have to wait for
    /// that. They do for moments; so that is told only of those that nothing else stands against.
    private static final class Reasons {
        private final Cluster cluster;
        private Optional<Plan> plan = Optional.empty();
        private Optional<Plan> planWhileLossesAreNew = Optional.empty();

        Reasons(Cluster cluster) {
            this.cluster = cluster;
        }

        List<Refusal> of(RegisteredUnit unit) {
            if (unit.unit().desired() == DesiredState.UNKNOWN && unit.contents() instanceof Unreadable(var problem)) {
                return List.of(Refusal.newBuilder().setReason(problem).build()); // though it may be placed
            }
            if (!unit.isWanted() || !unit.isGlobal() && isAtHome(unit)) {
                return List.of();
            }
            if (plan.isEmpty()) {
                plan = Optional.of(Planner.plan(cluster.with(new Losses(false, cluster.missed()))));
            }
            var refusals = plan.get().refusals(unit.name());
            boolean exclusive = cluster.placementsOf(unit.name()).values().stream()
                    .anyMatch(placed -> placed.placement().exclusive());
            if (refusals.isEmpty() && exclusive) {
                if (planWhileLossesAreNew.isEmpty()) {
                    planWhileLossesAreNew = Optional.of(Planner.plan(cluster));
                }
                refusals = planWhileLossesAreNew.get().refusals(unit.name());
            }
            return refusals.stream().map(UnitListing::message).toList();
        }

        private boolean isAtHome(RegisteredUnit unit) {
            return cluster.placementsOf(unit.name()).values().stream()
                    .map(PlacementFact::placement)
                    .filter(placement -> placement.target() != DesiredState.INACTIVE)
                    .map(Placement::machine)
                    .filter(cluster.machines()::containsKey)
                    .anyMatch(machine -> !hasFailed(unit, machine));
        }

        private boolean hasFailed(RegisteredUnit unit, MachineId machine) {
            return Optional.ofNullable(cluster.statesOf(unit.name()).get(machine))
                    .filter(state -> state.active().equals("failed"))
                    .isPresent();
        }
    }

    private static Refusal message(io.flota.scheduler.placement.Refusal refusal) {
        return Refusal.newBuilder()
                .setMachineId(refusal.machine().map(MachineId::value).orElse(""))
                .setReason(refusal.reason())
                .build();
    }
}
