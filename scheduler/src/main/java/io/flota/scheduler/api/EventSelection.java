package io.flota.scheduler.api;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import io.flota.api.v1.EventsRequest;
import io.flota.machine.MachineId;
import io.flota.registry.Happening;
import io.flota.unit.Glob;
import io.flota.unit.UnitName;
import io.grpc.Status.Code;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/// Which events a client asks for: those of some units and of some machines, or all.
record EventSelection(ImmutableSet<String> names, ImmutableList<Glob> patterns, ImmutableList<String> machines)
        implements Predicate<Happening> {
    private static final Pattern DIGITS = Pattern.compile("[0-9a-f]{1,32}");

    /// @throws RefusedException if a pattern is none, or nothing that a machine id could start with
    static EventSelection of(EventsRequest request) throws RefusedException {
        var problems = new Problems();
        var units = ImmutableList.<Glob>builder();
        for (String pattern : request.getUnitsList()) {
            try {
                units.add(new Glob(pattern));
            } catch (IllegalArgumentException e) {
                problems.add(Code.INVALID_ARGUMENT, e.getMessage());
            }
        }
        for (String id : request.getMachineIdsList()) {
            if (!DIGITS.matcher(id).matches()) {
                problems.add(
                        Code.INVALID_ARGUMENT,
                        "\"" + id + "\" is no machine id and no beginning of one: up to 32 hexadecimal digits");
            }
        }
        problems.refuseIfAny();
        return new EventSelection(
                ImmutableSet.copyOf(request.getUnitsList()),
                units.build(),
                ImmutableList.copyOf(request.getMachineIdsList()));
    }

    @Override
    public boolean test(Happening happening) {
        return names.isEmpty() && machines.isEmpty()
                || isOneOfTheUnits(happening.unit())
                || isOneOfTheMachines(happening.machine());
    }

    /// What a name says as a pattern may be another one: it may have backslashes.
    private boolean isOneOfTheUnits(Optional<UnitName> unit) {
        return unit.map(UnitName::full)
                .filter(name -> names.contains(name) || patterns.stream().anyMatch(it -> it.matches(name)))
                .isPresent();
    }

    private boolean isOneOfTheMachines(Optional<MachineId> machine) {
        return machine.filter(id -> machines.stream().anyMatch(id.value()::startsWith)).isPresent();
    }
}
