package io.flota.scheduler.fleet;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import io.flota.machine.MachineId;
import io.flota.scheduler.cluster.Cluster;
import io.flota.scheduler.cluster.RegisteredUnit;
import io.flota.scheduler.fleet.Entities.Machine;
import io.flota.scheduler.fleet.Entities.MachinePage;
import io.flota.scheduler.fleet.Entities.Unit;
import io.flota.scheduler.fleet.Entities.UnitPage;
import io.flota.scheduler.fleet.Entities.UnitState;
import io.flota.scheduler.fleet.Entities.UnitStatePage;
import io.flota.unit.DesiredState;
import io.flota.unit.UnitName;
import java.util.ArrayList;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;

/// Tells of a cluster what fleet's API tells.
final class FleetLists {
    private final Cluster cluster;
    private final FleetFiles files;
    private final RecentStops stops;

    FleetLists(Cluster cluster, FleetFiles files, RecentStops stops) {
        this.cluster = cluster;
        this.files = files;
        this.stops = stops;
    }

    UnitPage units(PageToken token) {
        var page = token.cut(cluster.units().values().asList());
        return new UnitPage(
                page.items().stream()
                        .map(unit -> unit(unit, CurrentState::listed))
                        .collect(ImmutableList.toImmutableList()),
                page.next());
    }

    /// @param name as a client sent it
    Unit unit(String name) throws FleetException {
        return unit(registered(cluster, name), CurrentState::state);
    }

    /// @param name as a client sent it
    /// @throws FleetException if no unit of that name is registered
    static RegisteredUnit registered(Cluster cluster, String name) throws FleetException {
        return find(cluster, name).orElseThrow(() -> FleetException.notFound("unit does not exist"));
    }

    /// @param name as a client sent it
    static Optional<RegisteredUnit> find(Cluster cluster, String name) {
        return UnitName.problem(name).isPresent()
                ? Optional.empty()
                : Optional.ofNullable(cluster.units().get(new UnitName(name)));
    }

    private Unit unit(RegisteredUnit unit, Function<CurrentState, DesiredState> told) {
        var options = files.of(cluster, unit).orElse(FleetFile.EMPTY).options();
        String name = unit.name().full();
        String desired = unit.unit().desired().word();
        if (unit.isGlobal()) {
            return new Unit(name, options, desired, "", "");
        }
        var current = CurrentState.of(cluster, unit);
        var now = told.apply(current);
        var state = now == DesiredState.LOADED && stops.isRecent(unit.name()) ? DesiredState.LAUNCHED : now;
        return new Unit(name, options, desired, state.word(), current.machine().map(MachineId::value).orElse(""));
    }

    /// @param machine the full id of the only one that is asked for; empty: all are
    /// @param unit the full name of the only one that is asked for; empty: all are
    UnitStatePage states(PageToken token, String machine, String unit) {
        var all = new ArrayList<Reported>();
        cluster.states().forEach((name, byMachine) -> {
            if (unit.isEmpty() || name.full().equals(unit)) {
                byMachine.forEach((id, state) -> {
                    if (machine.isEmpty() || id.value().equals(machine)) {
                        all.add(new Reported(name, id, state));
                    }
                });
            }
        });
        var page = token.cut(all);
        return new UnitStatePage(
                page.items().stream().map(this::state).collect(ImmutableList.toImmutableList()), page.next());
    }

    private record Reported(UnitName unit, MachineId machine, io.flota.unit.UnitState state) {}

    /// One state: where the unit is placed, or else the first.
    UnitState state(String name) throws FleetException {
        var unit = registered(cluster, name);
        var states = cluster.statesOf(unit.name());
        return Stream.concat(CurrentState.of(cluster, unit).machine().stream(), states.keySet().stream())
                .filter(states::containsKey)
                .findFirst()
                .map(machine -> state(new Reported(unit.name(), machine, states.get(machine))))
                .orElseThrow(() -> FleetException.notFound("unit state does not exist"));
    }

    private UnitState state(Reported reported) {
        var state = reported.state();
        return new UnitState(
                reported.unit().full(), files.hash(cluster, state.fileHash()).orElse(""), reported.machine().value(),
                state.load(), state.active(), state.sub());
    }

    MachinePage machines(PageToken token) {
        var page = token.cut(cluster.machines().values().asList());
        return new MachinePage(
                page.items().stream().map(this::machine).collect(ImmutableList.toImmutableList()), page.next());
    }

    private Machine machine(io.flota.machine.Machine machine) {
        var counts = machine.under(cluster.policyOf(machine.id()));
        String address = machine.publicIp().isEmpty() ? machine.privateIp() : machine.publicIp();
        return new Machine(machine.id().value(), address, ImmutableMap.copyOf(counts.metadata()));
    }
}
