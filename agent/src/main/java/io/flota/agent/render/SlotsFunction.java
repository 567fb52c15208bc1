package io.flota.agent.render;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.hash.Hashing;
import io.pebbletemplates.pebble.error.PebbleException;
import io.pebbletemplates.pebble.extension.Function;
import io.pebbletemplates.pebble.template.EvaluationContext;
import io.pebbletemplates.pebble.template.PebbleTemplate;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;

/// `slots(endpoints.web, 10)`: ten servers that are always there, each with an endpoint or without. An endpoint keeps
/// its slot as others come and go, but where two want the same: `web@3` wants the third, and others one by their name.
final class SlotsFunction implements Function {
    private static final int MOST = 1000;

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
        int slots = count.intValue();
        if (endpoints.size() > slots) {
            throw new PebbleException(
                    null, "there are " + endpoints.size() + " endpoints for " + slots + " slots. Give it more slots", line,
                    self.getName());
        }
        return filled(endpoints, slots);
    }

    private static ImmutableList<Map<?, ?>> filled(List<?> endpoints, int slots) {
        var taken = new ArrayList<Map<?, ?>>(Collections.nCopies(slots, ImmutableMap.of()));
        for (var endpoint : endpoints) {
            if (endpoint instanceof Map<?, ?> known) {
                int slot = wanted(known, slots);
                while (!taken.get(slot).isEmpty()) {
                    slot = (slot + 1) % slots;
                }
                taken.set(slot, known);
            }
        }
        var all = ImmutableList.<Map<?, ?>>builder();
        for (int slot = 0; slot < slots; slot++) {
            all.add(ImmutableMap.builder()
                    .putAll(taken.get(slot))
                    .put("slot", slot + 1)
                    .put("used", !taken.get(slot).isEmpty())
                    .buildOrThrow());
        }
        return all.build();
    }

    private static int wanted(Map<?, ?> endpoint, int slots) {
        var instance = String.valueOf(endpoint.get("instance"));
        if (instance.matches("\\d{1,9}")) {
            return Math.floorMod(Integer.parseInt(instance) - 1, slots);
        }
        var unit = String.valueOf(endpoint.get("unit"));
        return Math.floorMod(Hashing.murmur3_32_fixed().hashString(unit, StandardCharsets.UTF_8).asInt(), slots);
    }
}
