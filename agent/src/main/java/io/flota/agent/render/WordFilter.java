package io.flota.agent.render;

import com.google.common.collect.ImmutableList;
import io.pebbletemplates.pebble.error.PebbleException;
import io.pebbletemplates.pebble.extension.Filter;
import io.pebbletemplates.pebble.template.EvaluationContext;
import io.pebbletemplates.pebble.template.PebbleTemplate;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/// `{{ e.attributes.path | word }}`: the value, if it has nothing that could end or quote a word of a configuration.
final class WordFilter implements Filter {
    private static final Pattern WORD = Pattern.compile("[A-Za-z0-9._:/@+=,~%-]+");

    @Override
    public List<String> getArgumentNames() {
        return ImmutableList.of();
    }

    @Override
    public Object apply(
            Object input, Map<String, Object> args, PebbleTemplate self, EvaluationContext context, int line) {
        if (!WORD.matcher(String.valueOf(input)).matches()) {
            throw new PebbleException(null, "\"" + input + "\" is not one word", line, self.getName());
        }
        return input;
    }
}
