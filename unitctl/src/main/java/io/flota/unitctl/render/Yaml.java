package io.flota.unitctl.render;

import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/// A tree of strings, numbers, truth values, lists and maps as YAML. What could be read as anything but a string is
/// quoted, in JSON's way, which is YAML too.
public final class Yaml {
    private static final Pattern BARE = Pattern.compile("[A-Za-z/][A-Za-z0-9_./@+-]*");
    private static final Pattern RESERVED = Pattern.compile("(?i)true|false|yes|no|on|off|null|y|n");

    private final StringBuilder text = new StringBuilder();

    private Yaml() {}

    public static String render(Object tree) {
        var yaml = new Yaml();
        yaml.write(tree, "", true);
        return yaml.text.toString();
    }

    /// @param fresh whether the text stands at the start of a line or behind a dash
    private void write(Object tree, String indent, boolean fresh) {
        switch (tree) {
            case Map<?, ?> map when !map.isEmpty() -> {
                boolean inline = fresh;
                text.append(fresh ? "" : "\n");
                for (Map.Entry<?, ?> entry : map.entrySet()) {
                    text.append(inline ? "" : indent).append(scalar(entry.getKey())).append(':');
                    write(entry.getValue(), indent + "  ", false);
                    inline = false;
                }
            }
            case List<?> list when !list.isEmpty() -> {
                text.append(fresh ? "" : "\n");
                for (Object element : list) {
                    text.append(indent).append("- ");
                    write(element, indent + "  ", true);
                }
            }
            case Map<?, ?> _ -> text.append(fresh ? "" : " ").append("{}\n");
            case List<?> _ -> text.append(fresh ? "" : " ").append("[]\n");
            default -> text.append(fresh ? "" : " ").append(scalar(tree)).append('\n');
        }
    }

    private static String scalar(Object value) {
        if (value instanceof Number || value instanceof Boolean) {
            return value.toString();
        }
        String string = value.toString();
        boolean bare = BARE.matcher(string).matches() && !RESERVED.matcher(string).matches();
        return bare ? string : Json.quoted(string);
    }
}
