package io.flota.unitctl.render;

import io.flota.api.v1.Refusal;
import java.util.List;

/// Why a unit waits.
public final class Refusals {
    private Refusals() {}

    static String line(Refusal refusal) {
        return refusal.getMachineId().isEmpty()
                ? refusal.getReason()
                : Ids.shortened(refusal.getMachineId()) + ": " + refusal.getReason();
    }

    /// Machine by machine, one line each.
    public static String render(String unit, List<Refusal> refusals) {
        var text = new StringBuilder("Unit " + unit + " fits nowhere yet:\n");
        refusals.forEach(refusal -> text.append("  ").append(line(refusal)).append('\n'));
        return text.toString();
    }
}
