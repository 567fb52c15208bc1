package io.flota.simulation;

import io.flota.simulation.Script.Scripted;
import java.util.ArrayList;
import java.util.List;

/// Makes a failing script shorter, for as long as it still fails.
final class Shrinking {
    private Shrinking() {}

    /// A script of which no act can be left out, nor any part of them that is a half, a quarter ... of the whole.
    static Script shortest(Script failing) {
        var acts = failing.acts();
        for (int part = Math.max(1, acts.size() / 2); part >= 1; part /= 2) {
            for (int from = 0; from < acts.size(); ) {
                var fewer = without(acts, from, Math.min(from + part, acts.size()));
                if (fails(failing.with(fewer))) {
                    acts = fewer;
                } else {
                    from += part;
                }
            }
        }
        return failing.with(acts);
    }

    private static List<Scripted> without(List<Scripted> acts, int from, int to) {
        var fewer = new ArrayList<>(acts);
        fewer.subList(from, to).clear();
        return fewer;
    }

    private static boolean fails(Script script) {
        return !Simulation.play(script, Interference.NONE, Story.untold()).breaches().isEmpty();
    }
}
