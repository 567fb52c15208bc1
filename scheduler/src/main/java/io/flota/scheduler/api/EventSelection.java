package io.flota.scheduler.api;

import com.google.common.collect.ImmutableList;
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
record EventSelection(ImmutableList<Glob> units, ImmutableList<String> machines) implements Predicate<Happening> {
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
        return new EventSelection(units.build(), ImmutableList.copyOf(request.getMachineIdsList()));
    }

    @Override
    public boolean test(Happening happening) {
        return units.isEmpty() && machines.isEmpty()
                || isOneOfTheUnits(happening.unit())
                || isOneOfTheMachines(happening.machine());
    }

    private boolean isOneOfTheUnits(Optional<UnitName> unit) {
        return unit.filter(name -> units.stream().anyMatch(pattern -> pattern.matches(name.full())))
                .isPresent();
    }

    private boolean isOneOfTheMachines(Optional<MachineId> machine) {
        return machine.filter(id -> machines.stream().anyMatch(id.value()::startsWith)).isPresent();
    }
}
