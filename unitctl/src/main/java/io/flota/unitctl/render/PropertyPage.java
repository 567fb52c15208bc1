package io.flota.unitctl.render;

import io.flota.api.v1.Unit;
import io.flota.unit.Reservation;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;

/// `show`: what is registered of a unit, a `NAME=VALUE` on each line, as `systemctl show` has it.
public final class PropertyPage {
    private PropertyPage() {}

    public static String render(Unit unit) {
        var text = new StringBuilder();
        value(unit).forEach((name, value) -> text.append(name).append('=').append(value).append('\n'));
        return text.toString();
    }

    public static Map<String, Object> value(Unit unit) {
        var value = new LinkedHashMap<String, Object>();
        value.put("Id", unit.getName());
        value.put("Description", unit.getDescription());
        value.put("FileHash", unit.getFileHash());
        value.put("DesiredState", UnitFileListing.word(unit.getDesired()));
        value.put("Generation", unit.getGeneration());
        value.put("Global", unit.getGlobal() ? "yes" : "no");
        if (unit.getReservation().getCpuMillis() != 0) {
            value.put("ReservedCPU", Reservation.cores(unit.getReservation().getCpuMillis()));
        }
        if (unit.getReservation().getMemoryBytes() != 0) {
            value.put("ReservedMemory", unit.getReservation().getMemoryBytes());
        }
        value.putAll(new TreeMap<>(unit.getPropertiesMap()));
        return value;
    }
}
