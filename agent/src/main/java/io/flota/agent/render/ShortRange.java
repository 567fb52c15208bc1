package io.flota.agent.render;

import io.pebbletemplates.pebble.error.PebbleException;
import io.pebbletemplates.pebble.extension.core.RangeFunction;
import io.pebbletemplates.pebble.template.EvaluationContext;
import io.pebbletemplates.pebble.template.PebbleTemplate;
import java.util.Map;

/// `range(1, 10)`, also written `1..10`. Pebble makes a list of all its values, and would of any number of them.
final class ShortRange extends RangeFunction {
    /// More than any configuration has servers or ports.
    private static final int MOST = 10_000;
    /// Pebble counts characters by int: with a step above this one it might never come to the end.
    private static final int WIDEST = 1 << 30;

    @Override
    public Object execute(Map<String, Object> args, PebbleTemplate self, EvaluationContext context, int line) {
        if (!isShort(number(args, "start", 0), number(args, "end", 0), number(args, "increment", 1))) {
            throw new PebbleException(null, "a range has " + MOST + " values at most, and steps up to " + WIDEST, line, self.getName());
        }
        return super.execute(args, self, context, line);
    }

    /// What is no number is a character, of which there are not too many, or refused by Pebble.
    private static long number(Map<String, Object> args, String name, long otherwise) {
        return args.get(name) instanceof Number number ? number.longValue() : otherwise;
    }

    private static boolean isShort(long start, long end, long increment) {
        try {
            var _ = Math.addExact(end, increment); // Pebble takes the step past the end too
            return increment == 0 // which Pebble refuses
                    || increment == Math.clamp(increment, -WIDEST, WIDEST)
                            && Math.divideExact(Math.subtractExact(end, start), increment) < MOST;
        } catch (ArithmeticException _) {
            return false;
        }
    }
}
