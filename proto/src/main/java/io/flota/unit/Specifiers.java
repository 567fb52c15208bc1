package io.flota.unit;

/// The `%` specifiers.
public final class Specifiers {
    private Specifiers() {}

    /// `%n %N %p %i` in a value of `[X-Fleet]`, by fleet's rule: plain replacement, all else stays as it is.
    public static String expandInPlacement(UnitName name, String value) {
        return value.replace("%n", name.full())
                .replace("%N", name.stem())
                .replace("%p", name.prefix())
                .replace("%i", name.instance());
    }
}
