package io.flota.scheduler.fleet;

import com.google.protobuf.ByteString;
import io.flota.api.v1.DesiredState;
import io.flota.api.v1.UnitIntent;
import io.flota.scheduler.cluster.Cluster;
import io.flota.scheduler.cluster.RegisteredUnit;
import io.flota.scheduler.fleet.Entities.UnitBody;
import io.flota.unit.UnitName;
import java.util.Optional;

/// What a client's `PUT` of a unit asks for, decided in fleet's order. What is wrong with the options themselves is
/// for whoever registers the unit to say.
///
/// @param status of the answer once it is done
/// @param stops whether a launched unit is to stop and stay where it is
record UnitPut(UnitIntent intent, int status, boolean stops) {
    private static final int CREATED = 201;
    private static final int NO_CONTENT = 204;

    /// @param inUrl the name there
    static UnitPut of(String inUrl, UnitBody body, Cluster cluster, FleetFiles files) throws FleetException {
        String name = body.name().isEmpty() ? inUrl : body.name();
        if (!name.equals(inUrl)) {
            throw FleetException.badRequest(
                    "name in URL \"" + inUrl + "\" differs from unit name in request body \"" + name + "\"");
        }
        var illegal = UnitName.problem(name);
        if (illegal.isPresent()) {
            throw FleetException.badRequest(illegal.get());
        }
        var before = FleetLists.find(cluster, name);
        var intent = UnitIntent.newBuilder().setName(name).setSource(name);
        if (before.isEmpty() && body.options().isEmpty()) {
            throw FleetException.conflict("unit does not exist and options field empty");
        }
        if (!body.options().isEmpty()) {
            var file = FleetFile.described(body.options());
            if (!isFileOf(before, file, cluster, files)) {
                intent.setFile(ByteString.copyFromUtf8(file.text())).setReplace(true);
                return new UnitPut(intent.setDesired(desired(body).orElse(DesiredState.DESIRED_STATE_INACTIVE)).build(),
                        CREATED, false);
            }
        }
        var desired = desired(body)
                .orElseThrow(() -> FleetException.conflict("must provide DesiredState to update existing unit"));
        boolean stops = desired == DesiredState.DESIRED_STATE_LOADED
                && before.filter(it -> it.unit().desired() == io.flota.unit.DesiredState.LAUNCHED).isPresent();
        // What stops will be another run when it is launched again, even if that is asked for before it has stopped.
        return new UnitPut(intent.setDesired(desired).setRestart(stops).build(), NO_CONTENT, stops);
    }

    private static boolean isFileOf(
            Optional<RegisteredUnit> before, FleetFile file, Cluster cluster, FleetFiles files) {
        return before.flatMap(unit -> files.of(cluster, unit)).filter(file::equals).isPresent();
    }

    private static Optional<DesiredState> desired(UnitBody body) throws FleetException {
        return switch (body.desiredState()) {
            case "" -> Optional.empty();
            case "inactive" -> Optional.of(DesiredState.DESIRED_STATE_INACTIVE);
            case "loaded" -> Optional.of(DesiredState.DESIRED_STATE_LOADED);
            case "launched" -> Optional.of(DesiredState.DESIRED_STATE_LAUNCHED);
            default -> throw FleetException.badRequest(
                    "invalid desiredState \"" + body.desiredState() + "\": expect inactive, loaded, or launched");
        };
    }
}
