package io.flota.unit;

import com.google.common.collect.ImmutableSet;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/// The full name of a unit, such as `apache@3.service`: prefix, optional instance, and the suffix that tells its type.
///
/// The grammar is fleet 1.0's: 1 to 256 bytes, letters, digits and `:-_.\@` before the last dot, not starting with
/// `@`. A name whose instance is empty (`apache@.service`) names a template, from which instances are made.
public record UnitName(String full) implements Comparable<UnitName> {
    private static final ImmutableSet<String> TYPES = ImmutableSet.of(
            "automount", "busname", "device", "mount", "path", "scope", "service", "slice", "snapshot", "socket",
            "swap", "target", "timer");
    private static final ImmutableSet<String> TEMPLATE_TYPES =
            ImmutableSet.of("path", "service", "socket", "target", "timer");
    private static final int MAX_BYTES = 256;
    private static final String CONTAINER = ".container";

    /// @throws IllegalArgumentException whose message says what is wrong, in fleet's words
    public UnitName {
        problem(full).ifPresent(problem -> {
            throw new IllegalArgumentException(problem);
        });
    }

    /// What an operator typed: the last part of a path, with `.service` appended unless it ends in a type of unit. A
    /// container's file is a service's, as in Podman's Quadlet: `web.container` is the file of `web.service`.
    ///
    /// @throws IllegalArgumentException if that makes no legal name
    public static UnitName ofArgument(String argument) {
        String name = service(argument.substring(argument.lastIndexOf('/') + 1));
        boolean typed = TYPES.contains(name.substring(name.lastIndexOf('.') + 1)) && name.contains(".");
        return new UnitName(typed || name.isEmpty() ? name : name + ".service");
    }

    /// How another unit's file names a unit: a container by the service that it is, or by its file.
    ///
    /// @throws IllegalArgumentException whose message says what is wrong
    public static UnitName ofReference(String word) {
        return new UnitName(service(word));
    }

    /// A name or pattern with the suffix of a container's file, as that of the service.
    public static String service(String name) {
        return name.endsWith(CONTAINER)
                ? name.substring(0, name.length() - CONTAINER.length()) + ".service"
                : name;
    }

    /// The instance that stands for all of a template.
    static UnitName standIn(UnitName template) {
        String instance = template.prefix() + "@instance." + template.type();
        return problem(instance).isEmpty() ? new UnitName(instance) : template;
    }

    /// What `systemd-escape` made part of a name: `-` was `/`, `\x2d` was the character of that number.
    ///
    /// @throws IllegalArgumentException if a backslash begins no `\x2d`
    public static String unescape(String part) {
        byte[] bytes = new byte[part.length()]; // all ASCII, and no escape is shorter than what it means
        int length = 0;
        for (int at = 0; at < part.length(); at++) {
            char c = part.charAt(at);
            if (c == '\\') {
                boolean hex = part.startsWith("x", at + 1) && at + 4 <= part.length();
                int high = hex ? Character.digit(part.charAt(at + 2), 16) : -1;
                int low = hex ? Character.digit(part.charAt(at + 3), 16) : -1;
                if (high < 0 || low < 0) {
                    throw new IllegalArgumentException(Excerpt.of(part) + " is not escaped as systemd-escape does it:"
                            + " a backslash has to begin a character such as \\x2d");
                }
                bytes[length++] = (byte) (high << 4 | low);
                at += 3;
            } else {
                bytes[length++] = (byte) (c == '-' ? '/' : c);
            }
        }
        return new String(bytes, 0, length, StandardCharsets.UTF_8);
    }

    /// The absolute path that `systemd-escape --path` made part of a name.
    ///
    /// @throws IllegalArgumentException if a backslash begins no `\x2d`
    public static String unescapePath(String part) {
        String path = unescape(part);
        return path.startsWith("/") ? path : "/" + path;
    }

    /// What is wrong with a name; empty if it is a legal one.
    public static Optional<String> problem(String name) {
        if (name.isEmpty()) {
            return Optional.of("unit name cannot be empty");
        }
        if (name.getBytes(StandardCharsets.UTF_8).length > MAX_BYTES) {
            return Optional.of("unit name exceeds maximum length (" + MAX_BYTES + ")");
        }
        int dot = name.lastIndexOf('.');
        if (dot < 0) {
            return Optional.of("unit name must contain \".\"");
        }
        if (dot == name.length() - 1) {
            return Optional.of("unit name cannot end in \".\"");
        }
        String type = name.substring(dot + 1);
        if (!TYPES.contains(type)) {
            return Optional.of("invalid unit type: \"" + type + "\"");
        }
        String stem = name.substring(0, dot);
        if (stem.contains("@") && !TEMPLATE_TYPES.contains(type)) {
            return Optional.of("invalid unit type for template: \"" + type + "\"");
        }
        for (int c : stem.codePoints().toArray()) {
            if (!(c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || ":-_.\\@".indexOf(c) >= 0)) {
                return Optional.of("invalid character '" + Character.toString(c) + "' in unit name");
            }
        }
        return stem.startsWith("@") ? Optional.of("unit name cannot start in \"@\"") : Optional.empty();
    }

    /// The type of unit: what stands after the last dot, such as `service`.
    public String type() {
        return full.substring(full.lastIndexOf('.') + 1);
    }

    /// The name without its suffix, systemd's and fleet's `%N`.
    public String stem() {
        return full.substring(0, full.lastIndexOf('.'));
    }

    /// What stands before the first `@`, or the whole stem; `%p`.
    public String prefix() {
        int at = stem().indexOf('@');
        return at < 0 ? stem() : stem().substring(0, at);
    }

    /// What stands between the first `@` and the suffix; `%i`. Empty for templates and for units without `@`.
    public String instance() {
        int at = stem().indexOf('@');
        return at < 0 ? "" : stem().substring(at + 1);
    }

    public boolean isTemplate() {
        return stem().contains("@") && instance().isEmpty();
    }

    public boolean isInstance() {
        return !instance().isEmpty();
    }

    /// The template that this instance is made from; empty if this is not an instance.
    public Optional<UnitName> template() {
        return isInstance() ? Optional.of(new UnitName(prefix() + "@." + type())) : Optional.empty();
    }

    @Override
    public int compareTo(UnitName other) {
        return full.compareTo(other.full);
    }

    @Override
    public String toString() {
        return full;
    }
}
