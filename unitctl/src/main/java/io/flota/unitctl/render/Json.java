package io.flota.unitctl.render;

import java.util.HexFormat;
import java.util.Iterator;
import java.util.List;
import java.util.Map;

/// A tree of strings, numbers, truth values, lists and maps as JSON, indented by two.
public final class Json {
    private final StringBuilder text = new StringBuilder();

    private Json() {}

    public static String render(Object tree) {
        var json = new Json();
        json.write(tree, "");
        return json.text.append('\n').toString();
    }

    /// On one line, for output that has a value on each.
    public static String line(Map<String, String> flat) {
        var line = new StringBuilder("{");
        flat.forEach((key, value) -> line.append(line.length() > 1 ? "," : "")
                .append(quoted(key))
                .append(':')
                .append(quoted(value)));
        return line.append("}\n").toString();
    }

    private void write(Object tree, String indent) {
        switch (tree) {
            case Map<?, ?> map -> writeAll(map.entrySet().iterator(), '{', '}', indent);
            case List<?> list -> writeAll(list.iterator(), '[', ']', indent);
            case Number number -> text.append(number);
            case Boolean truth -> text.append(truth);
            default -> text.append(quoted(tree.toString()));
        }
    }

    private void writeAll(Iterator<?> elements, char open, char close, String indent) {
        text.append(open);
        boolean any = elements.hasNext();
        while (elements.hasNext()) {
            Object element = elements.next();
            text.append('\n').append(indent).append("  ");
            if (element instanceof Map.Entry<?, ?> entry) {
                text.append(quoted(entry.getKey().toString())).append(": ");
                write(entry.getValue(), indent + "  ");
            } else {
                write(element, indent + "  ");
            }
            text.append(elements.hasNext() ? "," : "");
        }
        text.append(any ? "\n" + indent : "").append(close);
    }

    static String quoted(String value) {
        var quoted = new StringBuilder("\"");
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            switch (c) {
                case '"', '\\' -> quoted.append('\\').append(c);
                case '\n' -> quoted.append("\\n");
                case '\t' -> quoted.append("\\t");
                case '\r' -> quoted.append("\\r");
                default -> {
                    if (c < ' ' || c == 0x7f) {
                        quoted.append("\\u").append(HexFormat.of().toHexDigits(c));
                    } else {
                        quoted.append(c);
                    }
                }
            }
        }
        return quoted.append('"').toString();
    }
}
