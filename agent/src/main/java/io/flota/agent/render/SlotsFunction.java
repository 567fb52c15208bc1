package io.flota.agent.render;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.hash.Hashing;
import io.pebbletemplates.pebble.error.PebbleException;
import io.pebbletemplates.pebble.extension.Function;
import io.pebbletemplates.pebble.template.EvaluationContext;
import io.pebbletemplates.pebble.template.PebbleTemplate;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.Map;

/// `slots(endpoints.web, 10)`: ten servers that are always there, each with an endpoint or without. An endpoint keeps
/// its slot as others come and go, but where two want the same: `web@3` wants the third, and others one by their name.
/// For whom there is none is left out, and told to [#REMARKS].
final class SlotsFunction implements Function {
    private static final int MOST = 1000;
    /// After all that have a number.
    private static final int UNNUMBERED = Integer.MAX_VALUE;

    /// Who is told, while a template is rendered, of what is not in its text.
    static final ScopedValue<Remarks> REMARKS = ScopedValue.newInstance();

    @FunctionalInterface
    interface Remarks {
        /// @param line of the template
        void leftOut(int line, String words);
    }

    @Override
    public List<String> getArgumentNames() {
        return ImmutableList.of("endpoints", "count");
    }

    @Override
    public Object execute(Map<String, Object> args, PebbleTemplate self, EvaluationContext context, int line) {
        if (!(args.get("endpoints") instanceof List<?> endpoints) || !(args.get("count") instanceof Number count)
                || count.longValue() < 1 || count.longValue() > MOST) {
            throw new PebbleException(
                    null, "slots takes endpoints and a number up to " + MOST + ": slots(endpoints.web, 10)", line,
                    self.getName());
        }
        var slots = new ArrayList<Map<?, ?>>(Collections.nCopies(count.intValue(), ImmutableMap.of()));
        var leftOut = fill(slots, endpoints);
        if (!leftOut.isEmpty()) {
            REMARKS.get().leftOut(
                    line, "there are " + endpoints.size() + " endpoints for " + slots.size() + " slots: "
                            + leftOut.getFirst().get("unit")
                            + (leftOut.size() == 1 ? " is" : " and " + (leftOut.size() - 1) + " more are")
                            + " left out. Give it more slots");
        }
        return numbered(slots);
    }

    /// First those whose own slot is free, of these the lowest numbers: so whoever comes too many moves nobody.
    ///
    /// @return for whom there is none
    private static Deque<Map<?, ?>> fill(List<Map<?, ?>> slots, List<?> endpoints) {
        var known = new ArrayList<Map<?, ?>>();
        for (var endpoint : endpoints) {
            if (endpoint instanceof Map<?, ?> map) {
                known.add(map);
            }
        }
        known.sort(Comparator.comparingInt(SlotsFunction::number));
        var waiting = new ArrayDeque<Map<?, ?>>();
        for (var endpoint : known) {
            int slot = wanted(endpoint, slots.size());
            if (slots.get(slot).isEmpty()) {
                slots.set(slot, endpoint);
            } else {
                waiting.add(endpoint);
            }
        }
        for (int free = Collections.frequency(slots, ImmutableMap.of()); free > 0 && !waiting.isEmpty(); free--) {
            var next = waiting.remove();
            int slot = wanted(next, slots.size());
            while (!slots.get(slot).isEmpty()) {
                slot = (slot + 1) % slots.size();
            }
            slots.set(slot, next);
        }
        return waiting;
    }

    private static ImmutableList<Map<?, ?>> numbered(List<Map<?, ?>> slots) {
        var all = ImmutableList.<Map<?, ?>>builder();
        for (int slot = 0; slot < slots.size(); slot++) {
            all.add(ImmutableMap.builder()
                    .putAll(slots.get(slot))
                    .put("slot", slot + 1)
                    .put("used", !slots.get(slot).isEmpty())
                    .buildOrThrow());
        }
        return all.build();
    }

    private static int number(Map<?, ?> endpoint) {
        var instance = String.valueOf(endpoint.get("instance"));
        return instance.matches("\\d{1,9}") ? Integer.parseInt(instance) : UNNUMBERED;
    }

    private static int wanted(Map<?, ?> endpoint, int slots) {
        int number = number(endpoint);
        if (number != UNNUMBERED) {
            return Math.floorMod(number - 1, slots);
        }
        var unit = String.valueOf(endpoint.get("unit"));
        return Math.floorMod(Hashing.murmur3_32_fixed().hashString(unit, StandardCharsets.UTF_8).asInt(), slots);
    }
}
