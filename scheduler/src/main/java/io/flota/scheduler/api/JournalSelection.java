package io.flota.scheduler.api;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSortedMap;
import com.google.common.collect.ImmutableSortedSet;
import io.flota.api.v1.JournalRequest;
import io.flota.machine.MachineId;
import io.flota.scheduler.cluster.Cluster;
import io.flota.unit.Glob;
import io.flota.unit.UnitName;
import io.grpc.Status.Code;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.TreeSet;

/// Whose journals a client wants: units by name, whether they are registered or not, and registered ones by pattern.
///
/// @param machinePrefix only on machines whose id begins so
record JournalSelection(ImmutableSortedSet<UnitName> names, ImmutableList<Glob> patterns, String machinePrefix) {
    /// @throws RefusedException if a name or a pattern is none
    static JournalSelection of(JournalRequest request) throws RefusedException {
        var problems = new Problems();
        var names = new ArrayList<>(request.getNamesList());
        if (names.isEmpty() && request.getPatternsCount() == 0) {
            names.add(request.getUnit());
        }
        var legal = ImmutableSortedSet.<UnitName>naturalOrder();
        for (String name : names) {
            var problem = UnitName.problem(name);
            problem.ifPresent(it -> problems.add(Code.INVALID_ARGUMENT, "\"" + name + "\": " + it));
            if (problem.isEmpty()) {
                legal.add(new UnitName(name));
            }
        }
        var patterns = ImmutableList.<Glob>builder();
        for (String pattern : request.getPatternsList()) {
            try {
                patterns.add(new Glob(pattern));
            } catch (IllegalArgumentException e) {
                problems.add(Code.INVALID_ARGUMENT, e.getMessage());
            }
        }
        problems.refuseIfAny();
        return new JournalSelection(legal.build(), patterns.build(), request.getMachineId());
    }

    /// Where the journals are by the plan or by what machines report.
    ///
    /// @return with the addresses of the agents; empty for one that is away, or serves no journals
    ImmutableSortedMap<JournalSource, String> sources(Cluster cluster) {
        var sources = ImmutableSortedMap.<JournalSource, String>naturalOrder();
        for (var unit : units(cluster)) {
            for (var id : machines(cluster, unit)) {
                var machine = cluster.machines().get(id);
                sources.put(new JournalSource(unit, id), machine == null ? "" : machine.agentAddress());
            }
        }
        return sources.buildOrThrow();
    }

    private TreeSet<UnitName> units(Cluster cluster) {
        var units = new TreeSet<UnitName>(names);
        if (!patterns.isEmpty()) {
            cluster.units().keySet().stream().filter(this::matches).forEach(units::add);
        }
        return units;
    }

    private boolean matches(UnitName unit) {
        return patterns.stream().anyMatch(pattern -> pattern.matches(unit.full()));
    }

    private TreeSet<MachineId> machines(Cluster cluster, UnitName unit) {
        var machines = new TreeSet<MachineId>();
        machines.addAll(cluster.placementsOf(unit).keySet());
        machines.addAll(cluster.statesOf(unit).keySet());
        machines.removeIf(machine -> !machine.value().startsWith(machinePrefix));
        return machines;
    }

    /// Whether nothing can come any more: units that were asked for by name have been destroyed, and are down.
    boolean isGone(Cluster cluster) {
        return patterns.isEmpty()
                && names.stream().allMatch(unit -> !cluster.units().containsKey(unit)
                        && cluster.placementsOf(unit).isEmpty()
                        && cluster.statesOf(unit).isEmpty());
    }

    /// @throws RefusedException if a name stands for no unit, neither registered nor on a machine
    void refuseUnknown(Cluster cluster) throws RefusedException {
        var problems = new Problems();
        names.stream()
                .filter(unit -> !cluster.units().containsKey(unit))
                .filter(unit -> cluster.placementsOf(unit).isEmpty() && cluster.statesOf(unit).isEmpty())
                .forEach(unit -> problems.add(Code.NOT_FOUND, "unit " + unit + " is not registered"));
        problems.refuseIfAny();
    }

    /// What was asked for and cannot be read now, one line each.
    List<String> unread(Cluster cluster) {
        var lines = new ArrayList<String>();
        patterns.stream()
                .filter(pattern -> cluster.units().keySet().stream().noneMatch(unit -> pattern.matches(unit.full())))
                .forEach(pattern -> lines.add("no registered unit matches \"" + pattern.pattern() + "\""));
        names.stream()
                .filter(unit -> machines(cluster, unit).isEmpty())
                .forEach(unit -> lines.add("unit " + unit + " is on no machine"
                        + (machinePrefix.isEmpty() ? "" : " whose id starts with \"" + machinePrefix + "\"")));
        return lines.stream().map(Problems::printable).toList();
    }

    /// Which machines cannot be asked, one line each; those left out of whose units there is another place.
    static List<String> away(Cluster cluster, ImmutableSortedMap<JournalSource, String> sources) {
        var read = new TreeSet<UnitName>();
        sources.forEach((source, address) -> {
            if (!address.isEmpty()) {
                read.add(source.unit());
            }
        });
        var away = new TreeMap<MachineId, List<JournalSource>>();
        sources.keySet().stream()
                .filter(source -> !read.contains(source.unit()))
                .forEach(source -> away.computeIfAbsent(source.machine(), _ -> new ArrayList<>()).add(source));
        var lines = new ArrayList<String>();
        away.forEach((machine, its) -> lines.add(
                cluster.machines().containsKey(machine)
                        ? "the agent of machine " + machine.shortened() + " serves no journals"
                        : "machine " + machine.shortened() + " is away, and with it the journal of "
                                + Journals.units(its) + ": ask again when it is back"));
        return lines;
    }
}
