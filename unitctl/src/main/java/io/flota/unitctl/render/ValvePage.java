package io.flota.unitctl.render;

import io.flota.api.v1.ValveRecord;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;

/// What is told of the safety valve.
public final class ValvePage {
    private ValvePage() {}

    /// @param stands whether there is a record; the valve is open if not
    public static String text(boolean stands, ValveRecord valve, Instant now) {
        if (!stands) {
            return "The valve is open: units of lost machines are moved\n";
        }
        String away = valve.getLostMachineIdsList().stream().map(Ids::shortened).collect(Collectors.joining(", "));
        if (valve.getReleased()) {
            return "The valve was released: units of lost machines are moved\nLost: " + away + "\n";
        }
        var since = Duration.between(Instant.ofEpochMilli(valve.getClosedSinceMillis()), now);
        return "The valve is closed since " + Times.span(since) + ": " + valve.getLostMachineIdsCount() + " of "
                + valve.getMachines() + " machines are away at once, and no unit of a lost machine is moved\n"
                + "Away: " + away + "\n"
                + "It opens once enough of them are back. If they are lost: unitctl valve release\n";
    }

    public static Map<String, Object> values(boolean stands, ValveRecord valve) {
        var values = new LinkedHashMap<String, Object>();
        values.put("closed", stands && !valve.getReleased());
        values.put("released", valve.getReleased());
        values.put("closedSinceMillis", valve.getClosedSinceMillis());
        values.put("lostMachineIds", valve.getLostMachineIdsList());
        values.put("machines", valve.getMachines());
        return values;
    }
}
