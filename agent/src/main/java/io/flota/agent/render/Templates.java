package io.flota.agent.render;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import io.pebbletemplates.pebble.PebbleEngine;
import io.pebbletemplates.pebble.error.LoaderException;
import io.pebbletemplates.pebble.error.PebbleException;
import io.pebbletemplates.pebble.extension.AbstractExtension;
import io.pebbletemplates.pebble.extension.Filter;
import io.pebbletemplates.pebble.extension.Function;
import io.pebbletemplates.pebble.loader.MemoryLoader;
import io.pebbletemplates.pebble.node.ForNode;
import io.pebbletemplates.pebble.node.expression.UnaryNotExpression;
import io.pebbletemplates.pebble.operator.UnaryOperator;
import io.pebbletemplates.pebble.operator.UnaryOperatorImpl;
import java.io.IOException;
import java.io.StringWriter;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.IntFunction;
import java.util.regex.Pattern;

/// Pebble's templates, whose syntax is Jinja's. What a template names and nobody knows is a mistake; nothing is escaped,
/// as these are no web pages; no template calls methods, but for what Pebble's own `loop` is made of, or reads others.
final class Templates {
    /// Characters. More than any server reads with pleasure.
    private static final int LONGEST = 8 << 20;

    /// A tag or a remark that has a line for itself, and the end of that line. Possessive, as the matcher would call
    /// itself for each character else.
    private static final Pattern ALONE =
            Pattern.compile("(?m)^[ \\t]*(\\{%(?:[^%\\n]|%(?!}))*+|\\{#(?:[^#\\n]|#(?!}))*+)([%#]})[ \\t]*\\n");

    private static final PebbleEngine ENGINE = new PebbleEngine.Builder()
            .loader(new MemoryLoader())
            .strictVariables(true)
            .autoEscaping(false)
            .newLineTrimming(false)
            .greedyMatchMethod(false)
            .methodAccessValidator((_, method) -> method.getDeclaringClass().getEnclosingClass() == ForNode.class)
            .maxRenderedSize(LONGEST)
            .defaultLocale(Locale.ROOT)
            .cacheActive(false)
            .extension(new Ours())
            .allowOverrideCoreOperators(true)
            .build();

    private Templates() {}

    /// @param leftOut which endpoints are not in the text although the template asks for them, and why
    record Rendered(String text, ImmutableList<String> leftOut) {}

    /// @param lines what a line of the template is called: `/etc/flota/web.tmpl:3`
    static Rendered render(String text, IntFunction<String> lines, Map<String, Object> facts) throws TemplateException {
        var leftOut = ImmutableList.<String>builder();
        SlotsFunction.Remarks remarks = (line, words) -> leftOut.add(lines.apply(line) + ": " + words);
        var rendered = ScopedValue.where(SlotsFunction.REMARKS, remarks).call(() -> text(text, lines, facts));
        return new Rendered(rendered, leftOut.build());
    }

    private static String text(String text, IntFunction<String> lines, Map<String, Object> facts)
            throws TemplateException {
        try {
            var rendered = new StringWriter();
            ENGINE.getLiteralTemplate(withoutTagLines(text)).evaluate(rendered, facts);
            return rendered.toString();
        } catch (LoaderException e) {
            throw new TemplateException(lines.apply(1) + ": a template cannot read others", e);
        } catch (PebbleException e) {
            int line = e.getLineNumber() == null ? 1 : e.getLineNumber();
            throw new TemplateException(lines.apply(line) + ": " + words(e), e);
        } catch (StackOverflowError e) {
            throw new TemplateException(
                    lines.apply(1) + ": it is nested too deeply, or has a macro that calls itself without an end", e);
        } catch (IOException | RuntimeException e) {
            throw new TemplateException(lines.apply(1) + ": " + e, e);
        }
    }

    /// Such a line leaves no empty one behind, as with Jinja's `trim_blocks`: its end becomes a blank of the tag, so that
    /// all lines keep their numbers.
    private static String withoutTagLines(String text) {
        return ALONE.matcher(text).replaceAll("$1\n$2");
    }

    /// In one line, and without what no author of a template means.
    private static String words(PebbleException e) {
        var words = String.valueOf(e.getPebbleMessage()).lines().findFirst().orElse("it cannot be rendered");
        return words.replaceAll(" of \\[[\\w.$]+]", "")
                .replace(" or can not be accessed and strict variables is set to true", "");
    }

    private static final class Ours extends AbstractExtension {
        /// As in Jinja: after comparisons (30), `is` and `contains` (20), before `and` (15). Pebble's own binds tightest.
        private static final int NOT = 16;

        @Override
        public List<UnaryOperator> getUnaryOperators() {
            return ImmutableList.of(new UnaryOperatorImpl("not", NOT, UnaryNotExpression.class));
        }

        @Override
        public Map<String, Filter> getFilters() {
            return ImmutableMap.of("word", new WordFilter());
        }

        @Override
        public Map<String, Function> getFunctions() {
            return ImmutableMap.of("slots", new SlotsFunction(), "range", new ShortRange());
        }
    }
}
