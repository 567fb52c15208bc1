package io.flota.scheduler.fleet;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonInclude.Include;
import com.google.common.base.Strings;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import java.util.List;

/// What fleet's API speaks of. Its components are named as in JSON, where what is empty is left out.
final class Entities {
    private Entities() {}

    /// @param currentState empty for a global unit, as is its machine
    @JsonInclude(Include.NON_EMPTY)
    record Unit(
            String name,
            ImmutableList<UnitOption> options,
            String desiredState,
            String currentState,
            String machineID) {}

    /// @param hash SHA-1 of the file's normal form
    @JsonInclude(Include.NON_EMPTY)
    record UnitState(
            String name,
            String hash,
            String machineID,
            String systemdLoadState,
            String systemdActiveState,
            String systemdSubState) {}

    @JsonInclude(Include.NON_EMPTY)
    record Machine(String id, String primaryIP, ImmutableMap<String, String> metadata) {}

    @JsonInclude(Include.NON_EMPTY)
    record UnitPage(ImmutableList<Unit> units, String nextPageToken) {}

    @JsonInclude(Include.NON_EMPTY)
    record UnitStatePage(ImmutableList<UnitState> states, String nextPageToken) {}

    @JsonInclude(Include.NON_EMPTY)
    record MachinePage(ImmutableList<Machine> machines, String nextPageToken) {}

    /// What a client wants of a unit; what it leaves out is empty.
    record UnitBody(String name, List<UnitOption> options, String desiredState) {
        static final UnitBody EMPTY = new UnitBody("", List.of(), "");

        UnitBody {
            name = Strings.nullToEmpty(name);
            options = options == null ? List.of() : options;
            desiredState = Strings.nullToEmpty(desiredState);
        }
    }

    record Failure(Problem error) {}

    record Problem(int code, String message) {}
}
